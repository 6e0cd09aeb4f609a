package io.inmesh.balancing;

import io.inmesh.snapshot.MeshSnapshot;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The living clusters of a mesh, by name.
 *
 * <p>A cluster's object is the same for as long as a snapshot names it, and for as long as anyone holds it: who resolves a name once may keep the
 * object for ever, even from before the name was known. A name that nobody holds and no snapshot names is forgotten.
 *
 * <p>Thread-safe: {@link #apply} is called on the configuration thread only, everything else from anywhere.
 */
public final class UpstreamClusters {
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final List<UpstreamListener> listeners = new CopyOnWriteArrayList<>();
    private final MeshNames names = new MeshNames();
    private final RandomGenerator random;
    private final LongSupplier nanoClock;

    /**
     * No cluster yet, on the system's clock.
     *
     * @param random for where a new round of each balancer starts; used on the configuration thread only
     */
    public UpstreamClusters(RandomGenerator random) {
        this(random, System::nanoTime);
    }

    /**
     * No cluster yet.
     *
     * @param random    for where a new round of each balancer starts; used on the configuration thread only
     * @param nanoClock tells since when a host that a request had named is not used, as {@link System#nanoTime} does
     */
    public UpstreamClusters(RandomGenerator random, LongSupplier nanoClock) {
        this.random = random;
        this.nanoClock = nanoClock;
    }

    /** Adds someone who is told of what retires from now on. */
    public void addListener(UpstreamListener listener) {
        listeners.add(listener);
    }

    /** Tells a listener nothing more. May be called at any time. */
    public void removeListener(UpstreamListener listener) {
        listeners.remove(listener);
    }

    /** The cluster of that name, known or not; its {@link UpstreamCluster#status()} follows the snapshots. */
    public UpstreamCluster get(String name) {
        Entry entry = entries.get(name);
        UpstreamCluster known = entry == null ? null : entry.cluster();
        return known != null ? known : hold(name, false);
    }

    /** The cluster of that name if a snapshot names it, else null. For names that come with a request and must not be remembered. */
    public @Nullable UpstreamCluster find(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.named;
    }

    /** Puts a snapshot in force. Clusters whose part of it is the same as before are left alone. */
    public void apply(MeshSnapshot snapshot) {
        serve(snapshot);
        retire(snapshot);
    }

    /** The first half of {@link #apply}: what a snapshot names is there. Whoever has routes changes them between the halves. */
    public void serve(MeshSnapshot snapshot) {
        names.update(snapshot.addresses());
        snapshot.clusters().forEach((name, state) -> hold(name, true).apply(state));
    }

    /** The second half of {@link #apply}: what it does not name is gone. */
    public void retire(MeshSnapshot snapshot) {
        entries.forEach((name, entry) -> {
            if (entry.named != null && !snapshot.clusters().containsKey(name)) {
                // The entry is let go before the cluster says that it is unknown, so a new holder finds the same
                // object.
                entries.put(name, new Entry(null, new WeakReference<>(entry.named)));
                entry.named.forget();
            } else if (entry.cluster() == null) {
                entries.remove(name, entry);
            }
        });
    }

    private UpstreamCluster hold(String name, boolean named) {
        // The reference is weak unless a snapshot names the cluster, so the object is held here until it is returned.
        UpstreamCluster[] held = new UpstreamCluster[1];
        entries.compute(name, (key, entry) -> {
            UpstreamCluster cluster = entry == null ? null : entry.cluster();
            if (cluster != null && (entry.named != null || !named)) {
                held[0] = cluster;
                return entry;
            }
            held[0] = cluster != null ? cluster : new UpstreamCluster(name, random, listeners, names, nanoClock);
            return new Entry(named ? held[0] : null, new WeakReference<>(held[0]));
        });
        return Objects.requireNonNull(held[0]);
    }

    /** A name: its cluster is held while a snapshot names it, and afterwards for as long as someone else holds it. */
    private record Entry(@Nullable UpstreamCluster named, WeakReference<UpstreamCluster> reference) {
        @Nullable
        UpstreamCluster cluster() {
            return named != null ? named : reference.get();
        }
    }
}
