package io.inmesh.outbound;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Those who wait for the next configuration. Whoever waits is added first and looks at the configuration again afterwards; whoever publishes writes first
 * and wakes afterwards. So nobody sleeps through a change.
 */
final class ConfigurationWait {
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

    void add(Runnable waiter) {
        waiting.add(waiter);
    }

    void remove(Runnable waiter) {
        waiting.remove(waiter);
    }

    /** Tells everyone, once each. */
    void wakeAll() {
        waiting.forEach(waiter -> {
            if (waiting.remove(waiter)) {
                waiter.run();
            }
        });
    }
}
