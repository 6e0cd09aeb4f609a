package io.inmesh.http;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the application's code of one exchange, one task after the other. While a thread waits in {@link #runUntil} the tasks run there, so a blocking
 * send needs no second thread; otherwise they run on an executor.
 */
final class Sequence implements Executor {
    private final Executor executor;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Whether somebody has the right to run tasks: the waiting thread, or a task of the executor. */
    private final AtomicBoolean taken;

    private volatile @Nullable Thread waiting;

    private Sequence(Executor executor, @Nullable Thread waiting) {
        this.executor = executor;
        this.waiting = waiting;
        this.taken = new AtomicBoolean(waiting != null);
    }

    /** A sequence on an executor. */
    static Sequence on(Executor executor) {
        return new Sequence(executor, null);
    }

    /** A sequence on the calling thread, which will call {@link #runUntil}, and on the executor from then on. */
    static Sequence onCaller(Executor afterwards) {
        return new Sequence(afterwards, Thread.currentThread());
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        } else {
            schedule();
        }
    }

    /**
     * Runs tasks on the calling thread until the condition holds; then the executor takes over. {@link #wake} makes it look again.
     *
     * @throws InterruptedException if the thread was interrupted; the executor takes over then, too
     */
    void runUntil(BooleanSupplier done) throws InterruptedException {
        try {
            while (!done.getAsBoolean()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                Runnable task = tasks.poll();
                if (task == null) {
                    LockSupport.park(this);
                } else {
                    task.run();
                }
            }
        } finally {
            waiting = null;
            release();
        }
    }

    /** Makes {@link #runUntil} look at its condition. */
    void wake() {
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    private void schedule() {
        if (taken.compareAndSet(false, true)) {
            executor.execute(this::drain);
        }
    }

    private void drain() {
        try {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        } finally {
            release();
        }
    }

    /** A task that was added while somebody had the right, and too late to be seen by it, is not forgotten. */
    private void release() {
        taken.set(false);
        if (!tasks.isEmpty()) {
            schedule();
        }
    }
}
