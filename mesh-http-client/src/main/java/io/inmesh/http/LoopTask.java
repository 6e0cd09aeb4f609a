package io.inmesh.http;

import io.inmesh.exchange.CallLoop;
import java.util.concurrent.RejectedExecutionException;

/** A turn to a call's loop that may come too late: when the transport is closed its loops end, and with them everything that lived there. */
final class LoopTask {
    private LoopTask() {}

    /** Runs a task on the loop; false if the loop has ended and nothing runs there any more. */
    static boolean offer(CallLoop loop, Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }
}
