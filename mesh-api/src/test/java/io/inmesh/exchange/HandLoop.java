package io.inmesh.exchange;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A loop that runs when it is told to, with a clock that stands still until it is moved. */
public final class HandLoop implements CallLoop {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<HandTimer> timers = new ArrayList<>();
    private long now = 1_000_000_000L;

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
        HandTimer timer = new HandTimer(task, now + delayNanos);
        timers.add(timer);
        return timer;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Runs what waits, and what that brings about. */
    public void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Moves the clock, and runs each timer at its time. */
    public void advance(Duration time) {
        long end = now + time.toNanos();
        run();
        for (HandTimer next = next(end); next != null; next = next(end)) {
            timers.remove(next);
            now = Math.max(now, next.at);
            next.task.run();
            run();
        }
        now = end;
    }

    /** Timers that have neither run nor been cancelled. */
    public int timers() {
        return timers.size();
    }

    private @Nullable HandTimer next(long end) {
        return timers.stream()
                .filter(timer -> timer.at <= end)
                .min(Comparator.comparingLong(timer -> timer.at))
                .orElse(null);
    }

    private final class HandTimer implements Timer {
        private final Runnable task;
        private final long at;

        HandTimer(Runnable task, long at) {
            this.task = task;
            this.at = at;
        }

        @Override
        public void cancel() {
            timers.remove(this);
        }
    }
}
