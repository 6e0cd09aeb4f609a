package io.inmesh.http;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the application's code runs when no thread of its own waits: on the executor that it gave, or else on a bounded pool of the client.
 *
 * <p>The pool is a {@link ForkJoinPool} of the client's own, first in first out. Where a callback waits for another future it adds a thread instead of
 * standing still, up to a bound. An executor that refuses a task would leave an exchange without end, so the pool takes what it refuses.
 */
final class ClientThreads implements Executor {
    private static final Logger log = LoggerFactory.getLogger(ClientThreads.class);
    private static final int MAX_THREADS = 256;

    private final @Nullable Executor given;
    private final ForkJoinPool pool;
    private final AtomicBoolean refusalLogged = new AtomicBoolean();

    ClientThreads(@Nullable Executor given) {
        this.given = given;
        // Threads start with the first task and end when there is nothing to do, so a pool that is never used costs
        // nothing.
        this.pool = new ForkJoinPool(
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                ClientThreads::newThread,
                null,
                true,
                0,
                MAX_THREADS,
                1,
                saturated -> true,
                30,
                TimeUnit.SECONDS);
    }

    @Override
    public void execute(Runnable task) {
        if (given == null) {
            pool.execute(task);
            return;
        }
        try {
            given.execute(task);
        } catch (RejectedExecutionException refused) {
            if (refusalLogged.compareAndSet(false, true)) {
                log.warn(
                        "the executor of an HTTP client refused a task; the client's own threads finish what is under way",
                        refused);
            }
            pool.execute(task);
        }
    }

    private static ForkJoinWorkerThread newThread(ForkJoinPool pool) {
        ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
        thread.setName("inmesh-http-" + thread.getPoolIndex());
        thread.setDaemon(true);
        return thread;
    }
}
