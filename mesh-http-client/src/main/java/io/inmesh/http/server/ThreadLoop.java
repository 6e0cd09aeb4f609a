package io.inmesh.http.server;

import io.inmesh.exchange.CallLoop;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The loop of one request on a server whose threads may block: it runs on the thread that waits for something, and parks it meanwhile. While nobody waits, a task runs on
 * the thread that brings it, after the timers that are due by then; without a task they are late. Holds no monitor, so a virtual thread is never pinned.
 */
final class ThreadLoop implements CallLoop {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Thread> runner = new AtomicReference<>();

    /** Touched by the runner only. */
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>(Comparator.comparingLong(Alarm::at));

    /**
     * Runs what comes until something is true, which only a task can make so.
     *
     * @throws InterruptedException if the thread was interrupted before
     */
    void runUntil(BooleanSupplier reached) throws InterruptedException {
        enter();
        try {
            while (!reached.getAsBoolean()) {
                if (!runOne()) {
                    Alarm next = alarms.peek();
                    if (next == null) {
                        LockSupport.park(this);
                    } else {
                        LockSupport.parkNanos(this, next.at - nanoTime());
                    }
                    if (Thread.interrupted()) {
                        throw new InterruptedException("interrupted while the mesh decided on a request");
                    }
                }
            }
        } finally {
            leave();
        }
    }

    /** Runs one task on the calling thread, which is the loop's meanwhile, after what is due. */
    void run(Runnable task) {
        enter();
        try {
            runDue();
            task.run();
        } finally {
            leave();
        }
    }

    /** Another thread is here only as long as a task takes that does not block. */
    private void enter() {
        while (!runner.compareAndSet(null, Thread.currentThread())) {
            Thread.onSpinWait();
        }
    }

    private void leave() {
        runner.set(null);
        runLeftOver();
    }

    private void runLeftOver() {
        while (!tasks.isEmpty() && runner.compareAndSet(null, Thread.currentThread())) {
            try {
                runDue();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            } finally {
                runner.set(null);
            }
        }
    }

    private boolean runOne() {
        Runnable task = tasks.poll();
        if (task == null) {
            return runAlarm();
        }
        task.run();
        return true;
    }

    private void runDue() {
        while (runAlarm()) {
            // one after the other: each may set or cancel others
        }
    }

    private boolean runAlarm() {
        Alarm next = alarms.peek();
        if (next == null || next.at - nanoTime() > 0) {
            return false;
        }
        alarms.remove();
        next.task.run();
        return true;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        Thread running = runner.get();
        if (running == null) {
            runLeftOver();
        } else {
            LockSupport.unpark(running); // should it just be leaving, it looks once more
        }
    }

    @Override
    public boolean inLoop() {
        return runner.get() == Thread.currentThread();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
        Alarm alarm = new Alarm(nanoTime() + delayNanos, task);
        alarms.add(alarm);
        return () -> alarms.remove(alarm);
    }

    private static final class Alarm {
        private final long at;
        private final Runnable task;

        Alarm(long at, Runnable task) {
            this.at = at;
            this.task = task;
        }

        long at() {
            return at;
        }
    }
}
