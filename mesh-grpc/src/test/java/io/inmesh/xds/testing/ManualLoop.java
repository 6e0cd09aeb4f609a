package io.inmesh.xds.testing;

import io.inmesh.xds.protocol.SessionLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A session loop that runs on the test's thread, and only when told to. Its clock stands still in between. */
public final class ManualLoop implements SessionLoop {
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    /** Of any thread: what real connections report arrives here too. */
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    private final List<Scheduled> timers = new ArrayList<>();
    private long nanos;

    /** A class, not a record: two timers for the same time are not the same timer. */
    private static final class Scheduled {
        private final long at;
        private final Runnable task;

        Scheduled(long at, Runnable task) {
            this.at = at;
            this.task = task;
        }
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public Instant now() {
        return EPOCH.plusNanos(nanos);
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Timer schedule(Runnable task, Duration delay) {
        Scheduled scheduled = new Scheduled(nanos + delay.toNanos(), task);
        timers.add(scheduled);
        return () -> timers.remove(scheduled);
    }

    /** Runs what is due, and what that brings about at once. */
    public void run() {
        Runnable task = next();
        while (task != null) {
            task.run();
            task = next();
        }
    }

    /** Lets time pass; timers run in their order, each at its time. */
    public void advance(Duration duration) {
        run();
        long end = nanos + duration.toNanos();
        while (true) {
            Scheduled first = timers.stream()
                    .filter(each -> each.at <= end)
                    .min(Comparator.comparingLong(each -> each.at))
                    .orElse(null);
            if (first == null) {
                break;
            }
            nanos = Math.max(nanos, first.at);
            timers.remove(first);
            first.task.run();
            run();
        }
        nanos = end;
    }

    private @Nullable Runnable next() {
        return tasks.poll();
    }
}
