package io.inmesh.transport;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Secrets that a test sets. A secret that was never set is awaited. One call at a time, so that nobody is told of an older state last. */
final class GivenSecrets implements SecretProvider {
    private final Map<SecretName, SecretState> states = new ConcurrentHashMap<>();
    private final Map<SecretName, List<Consumer<SecretState>>> listeners = new ConcurrentHashMap<>();

    static SecretName name(String name) {
        return SecretName.ofControlPlane(name);
    }

    synchronized void set(String name, Secret secret) {
        SecretState state = new SecretState.Ready(secret);
        states.put(name(name), state);
        listeners.getOrDefault(name(name), List.of()).forEach(each -> each.accept(state));
    }

    /** It was taken away. */
    void take(String name) {
        SecretState state = new SecretState.Awaited("taken away");
        states.put(name(name), state);
        listeners.getOrDefault(name(name), List.of()).forEach(each -> each.accept(state));
    }

    int watchers() {
        return listeners.values().stream().mapToInt(List::size).sum();
    }

    @Override
    public boolean provides(SecretName name) {
        return name.source().isEmpty();
    }

    @Override
    public synchronized Watch watch(SecretName name, Consumer<SecretState> listener) {
        List<Consumer<SecretState>> all = listeners.computeIfAbsent(name, each -> new CopyOnWriteArrayList<>());
        all.add(listener);
        listener.accept(states.getOrDefault(name, new SecretState.Awaited("nobody has set it")));
        return () -> all.remove(listener);
    }
}
