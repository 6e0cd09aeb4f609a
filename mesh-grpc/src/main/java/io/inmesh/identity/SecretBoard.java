package io.inmesh.identity;

import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import io.inmesh.snapshot.SecretProvider.Watch;
import io.inmesh.xds.protocol.SessionLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What is known of each secret of a provider, and who watches it. States can be read and put on any thread; watchers are told on the loop, after the
 * first time, which is the caller's.
 *
 * @param <K> names a secret
 */
final class SecretBoard<K> {
    private final SessionLoop loop;
    private final Demand<K> demand;
    private final Map<K, SecretState> states = new ConcurrentHashMap<>();
    /** The loop's. */
    private final Map<K, List<Watcher>> watchers = new HashMap<>();

    /** What a provider does about wishes; called on the loop. */
    interface Demand<K> {
        /** Somebody watches what nobody watched. */
        void wanted(K key);

        /** Nobody watches it any more. */
        void released(K key);

        /** What is awaited while nothing is known. */
        String awaited(K key);
    }

    SecretBoard(SessionLoop loop, Demand<K> demand) {
        this.loop = loop;
        this.demand = demand;
    }

    SecretState state(K key) {
        SecretState known = states.get(key);
        return known == null ? new Awaited(demand.awaited(key)) : known;
    }

    boolean isReady(K key) {
        return states.get(key) instanceof Ready;
    }

    /** On the loop. */
    boolean isWatched() {
        return !watchers.isEmpty();
    }

    void put(K key, SecretState state) {
        if (!state.equals(states.put(key, state))) {
            loop.execute(
                    () -> List.copyOf(watchers.getOrDefault(key, List.of())).forEach(Watcher::tell));
        }
    }

    /** Says what went wrong, unless a good version is in force. */
    void fail(K key, String reason) {
        if (!isReady(key)) {
            put(key, new Awaited(reason));
        }
    }

    Watch watch(K key, Consumer<SecretState> listener) {
        Watcher watcher = new Watcher(key, listener, state(key));
        listener.accept(watcher.told);
        loop.execute(watcher::begin);
        return watcher;
    }

    private final class Watcher implements Watch {
        private final K key;
        private final Consumer<SecretState> listener;
        private volatile boolean closed;
        private SecretState told;

        Watcher(K key, Consumer<SecretState> listener, SecretState told) {
            this.key = key;
            this.listener = listener;
            this.told = told;
        }

        private void begin() {
            if (closed) {
                return;
            }
            List<Watcher> others = watchers.computeIfAbsent(key, unused -> new ArrayList<>());
            others.add(this);
            if (others.size() == 1) {
                demand.wanted(key);
            }
            tell();
        }

        private void tell() {
            SecretState now = state(key);
            if (!closed && !now.equals(told)) {
                told = now;
                listener.accept(now);
            }
        }

        private void end() {
            List<Watcher> others = watchers.get(key);
            if (others != null && others.remove(this) && others.isEmpty()) {
                watchers.remove(key);
                demand.released(key);
            }
        }

        @Override
        public void close() {
            closed = true;
            loop.execute(this::end);
        }
    }
}
