package io.inmesh.xds.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session loop on a daemon thread of its own. A task that throws is logged and does not stop those behind it. */
public final class SessionThread implements SessionLoop, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SessionThread.class);

    private final ScheduledThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;

    private SessionThread(String name) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, name);
            created.setDaemon(true);
            thread = created;
            return created;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** A loop whose thread, of this name, starts with the first task. */
    public static SessionThread named(String name) {
        return new SessionThread(name);
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            log.debug("The session has ended; a late task is dropped");
        }
    }

    @Override
    public Timer schedule(Runnable task, Duration delay) {
        try {
            Future<?> future = executor.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            log.debug("The session has ended; a late timer is dropped");
            return () -> {};
        }
    }

    /** Ends the thread after the tasks that are due now; timers do not fire any more. */
    @Override
    public void close() {
        executor.shutdown();
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | LinkageError e) {
                log.error("A task of the control-plane session failed", e);
            }
        };
    }
}
