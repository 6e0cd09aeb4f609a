package io.inmesh.snapshot;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/**
 * Those who wait for the next configuration. Whoever waits is added first and looks at the configuration again afterwards; whoever publishes writes first
 * and wakes afterwards. So nobody sleeps through a change.
 */
public final class ConfigurationWait {
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

    /** Waits from now on. */
    public void add(Runnable waiter) {
        waiting.add(waiter);
    }

    /** Waits no more. */
    public void remove(Runnable waiter) {
        waiting.remove(waiter);
    }

    /** How many wait. */
    public int size() {
        return waiting.size();
    }

    /** Tells everyone, once each. */
    public void wakeAll() {
        waiting.forEach(waiter -> {
            if (waiting.remove(waiter)) {
                try {
                    waiter.run();
                } catch (RejectedExecutionException loopEnded) {
                    // The loop of that call has ended, and the call with it; the others are still to be told.
                }
            }
        });
    }
}
