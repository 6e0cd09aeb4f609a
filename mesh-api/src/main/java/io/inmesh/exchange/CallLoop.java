package io.inmesh.exchange;

import java.util.concurrent.Executor;

/**
 * The one thread on which a call lives, with its clock and its timers. A Netty event loop is one; a test has one that runs by hand.
 *
 * <p>Everything given to {@link #execute} runs one after the other. Nothing that runs here may block.
 */
public interface CallLoop extends Executor {

    /** Whether the calling thread is the loop's. */
    boolean inLoop();

    /** The loop's clock in nanoseconds, with no fixed origin, as {@link System#nanoTime()}. */
    long nanoTime();

    /** Runs a task on the loop after a delay. */
    Timer schedule(Runnable task, long delayNanos);

    /** A task that waits for its time. */
    interface Timer {
        /** Stops it from running, if it has not; called on the loop. */
        void cancel();
    }
}
