package io.inmesh.xds.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;

/**
 * The one thread that owns a control-plane session: streams, resources and the graph made of them. What is given to {@link #execute} runs one
 * after the other and must not block; after the loop has ended it is dropped. A test has a loop that runs by hand.
 */
public interface SessionLoop extends Executor {

    /** Whether the calling thread is the loop's. */
    boolean inLoop();

    /** The time of day, for the status. */
    Instant now();

    /** The loop's clock in nanoseconds without a fixed origin, as {@link System#nanoTime()}. */
    long nanoTime();

    /** Runs a task on the loop after a delay. */
    Timer schedule(Runnable task, Duration delay);

    /** A task that waits for its time. */
    interface Timer {
        /** Stops it from running, if it has not; called on the loop. */
        void cancel();
    }
}
