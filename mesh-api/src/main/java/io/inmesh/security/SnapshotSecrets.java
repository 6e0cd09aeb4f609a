package io.inmesh.security;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of the control plane's own stream, as the newest snapshot has them. A secret that is watched and that a later snapshot no longer has stays as it was.
 *
 * <p>Thread-safe. {@link #accept} is called on the configuration thread only, before the snapshot's clusters and listeners are in force, so that whatever needs a
 * secret finds it.
 */
public final class SnapshotSecrets implements SecretProvider, Consumer<MeshSnapshot> {
    private final Map<String, Set<SecretWatch>> watches = new ConcurrentHashMap<>();
    private volatile States current = new States(MeshSnapshot.EMPTY, Map.of());

    /** A snapshot, and what is known of each secret that it has or that was watched when it came. */
    private record States(MeshSnapshot snapshot, Map<String, SecretState> byName) {}

    /** No secret yet. */
    public SnapshotSecrets() {}

    /** Whether it has no source of its own. */
    @Override
    public boolean provides(SecretName name) {
        return name.source().isEmpty();
    }

    @Override
    public Watch watch(SecretName name, Consumer<SecretState> listener) {
        SecretWatch watch = new SecretWatch(() -> state(name.name()), listener, this::forget, name.name());
        watches.compute(name.name(), (key, others) -> {
            Set<SecretWatch> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(watch);
            return all;
        });
        watch.look();
        return watch;
    }

    private void forget(SecretWatch watch) {
        watches.computeIfPresent(watch.name(), (key, all) -> {
            all.remove(watch);
            return all.isEmpty() ? null : all;
        });
    }

    /** Takes over a snapshot. */
    @Override
    @SuppressWarnings(
            "ReferenceEquality") // the same map means that no secret has changed, and the same reasons that none is
    // missing
    public void accept(MeshSnapshot snapshot) {
        States before = current;
        if (before.snapshot.secrets() == snapshot.secrets()
                && before.snapshot.absent().equals(snapshot.absent())
                && before.snapshot.generation() > 0) {
            current = new States(snapshot, before.byName);
            return;
        }
        Map<String, SecretState> next = new HashMap<>();
        watches.keySet().forEach(name -> {
            SecretState last = before.byName.get(name);
            if (last instanceof Ready) {
                next.put(name, last);
            }
        });
        snapshot.secrets().forEach((name, secret) -> next.put(name, ready(before.byName.get(name), secret)));
        current = new States(snapshot, next);
        watches.values().forEach(all -> all.forEach(SecretWatch::look));
    }

    private static SecretState ready(@Nullable SecretState before, Secret secret) {
        return before instanceof Ready last && last.secret().equals(secret) ? last : new Ready(secret);
    }

    private SecretState state(String name) {
        States now = current;
        SecretState known = now.byName.get(name);
        return known == null ? new Awaited(reason(now.snapshot, name)) : known;
    }

    private static String reason(MeshSnapshot snapshot, String name) {
        if (snapshot.generation() == 0) {
            return "secret " + name + ": no configuration has come yet";
        }
        String absent = snapshot.absent().get(new ResourceName(ResourceName.Kind.SECRET, name));
        return "secret " + name + ": "
                + (absent == null
                        ? "the control plane has not been asked for it, as nothing in force names it"
                        : absent);
    }
}
