package io.inmesh;

import io.inmesh.model.SecretName;
import io.inmesh.snapshot.ConfigurationWait;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the secrets that the configuration in force names. From the first time that somebody waits they stay watched, so that what was fetched for
 * readiness is there for the first connection and kept fresh until then; those that no configuration names any more are let go.
 *
 * <p>Thread-safe.
 */
final class SecretReadiness implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SecretReadiness.class);

    private final SecretProvider secrets;
    private final ConfigurationWait waiting = new ConfigurationWait();
    private final ReentrantLock tracking = new ReentrantLock();
    private final Map<SecretName, Tracked> tracked = new HashMap<>();
    private final Set<SecretName> withoutProvider = new HashSet<>();
    private volatile boolean closed;

    SecretReadiness(SecretProvider secrets) {
        this.secrets = secrets;
    }

    /** Another configuration is in force. */
    void configurationChanged(MeshSnapshot snapshot) {
        tracking.lock();
        try {
            if (!tracked.isEmpty()) {
                release(needed(snapshot));
            }
        } finally {
            tracking.unlock();
        }
        waiting.wakeAll();
    }

    /**
     * Blocks until all of them are there.
     *
     * @param inForce the configuration at any moment
     * @param end     by {@link System#nanoTime}
     * @param timeout for the message
     */
    void await(Supplier<MeshSnapshot> inForce, long end, Duration timeout) throws MeshException, InterruptedException {
        while (true) {
            CountDownLatch told = new CountDownLatch(1);
            Runnable waiter = told::countDown;
            waiting.add(waiter);
            try {
                List<String> missing = missing(inForce.get());
                if (closed) {
                    throw failure("the mesh is closed");
                }
                if (missing.isEmpty()) {
                    return;
                }
                if (!told.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    throw failure("not ready within " + timeout
                            + ", because connections of the mesh would lack secrets; missing: "
                            + String.join(", ", missing));
                }
            } finally {
                waiting.remove(waiter);
            }
        }
    }

    private List<String> missing(MeshSnapshot snapshot) {
        tracking.lock();
        try {
            Set<SecretName> needed = closed ? Set.of() : needed(snapshot);
            release(needed);
            List<String> missing = new ArrayList<>();
            for (SecretName name : needed) {
                Tracked each = tracked.get(name);
                if (each == null) {
                    each = new Tracked(waiting);
                    each.watch = secrets.watch(name, each);
                    tracked.put(name, each);
                }
                if (each.state instanceof Awaited awaited) {
                    missing.add(name + " (" + awaited.reason() + ")");
                }
            }
            return missing;
        } finally {
            tracking.unlock();
        }
    }

    private void release(Set<SecretName> needed) {
        tracked.entrySet()
                .removeIf(each ->
                        !needed.contains(each.getKey()) && each.getValue().close());
    }

    private Set<SecretName> needed(MeshSnapshot snapshot) {
        Set<SecretName> names = new LinkedHashSet<>();
        snapshot.inbound().values().forEach(listener -> names.addAll(listener.secrets()));
        for (ClusterState state : snapshot.clusters().values()) {
            if (state instanceof ClusterState.Ready ready) {
                names.addAll(ready.cluster().secrets());
            }
        }
        names.removeIf(name -> !canCome(name, snapshot));
        return names;
    }

    /** What the control plane does not have, or nobody could provide, must not keep an application from starting: the connections that need it fail. */
    private boolean canCome(SecretName name, MeshSnapshot snapshot) {
        if (!secrets.provides(name)) {
            if (withoutProvider.add(name)) {
                LOG.warn("Nothing provides {}; connections that need it are refused", name);
            }
            return false;
        }
        return !name.source().isEmpty()
                || !snapshot.absent().containsKey(new ResourceName(ResourceName.Kind.SECRET, name.name()));
    }

    private static MeshException failure(String text) {
        return new MeshException(text, null, null, null);
    }

    @Override
    public void close() {
        closed = true;
        tracking.lock();
        try {
            tracked.values().forEach(Tracked::close);
            tracked.clear();
        } finally {
            tracking.unlock();
        }
        waiting.wakeAll();
    }

    /** One secret that is watched. */
    private static final class Tracked implements Consumer<SecretState> {
        private final ConfigurationWait waiting;
        private volatile SecretState state = new Awaited("nothing is known of it");
        private SecretProvider.@Nullable Watch watch;

        Tracked(ConfigurationWait waiting) {
            this.waiting = waiting;
        }

        @Override
        public void accept(SecretState now) {
            state = now;
            waiting.wakeAll();
        }

        boolean close() {
            if (watch != null) {
                watch.close();
            }
            return true;
        }
    }
}
