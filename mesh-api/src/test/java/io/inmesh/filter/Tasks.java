package io.inmesh.filter;

import io.inmesh.exchange.CallLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A loop, and executors beside it, on which a test runs one task after the other by hand. */
final class Tasks implements CallLoop {
    /** What a task that is now running belongs to. */
    enum Place {
        LOOP,
        EXECUTOR,
        OUTSIDE
    }

    private final List<Runnable> loop = new ArrayList<>();
    private final List<Runnable> executor = new ArrayList<>();
    private final List<Runnable> outside = new ArrayList<>();
    private Place place = Place.LOOP;

    /** Tasks for the application's executor. */
    void executor(Runnable task) {
        executor.add(task);
    }

    /** Something that happens on a thread that nobody here knows. */
    void outside(Runnable task) {
        outside.add(task);
    }

    Place place() {
        return place;
    }

    /** Runs until nothing is left, the loop's own tasks first. */
    void runAll() {
        while (runOne(Place.LOOP, 0) || runOne(Place.EXECUTOR, 0) || runOne(Place.OUTSIDE, 0)) {
            // the conditions do the work
        }
    }

    /** Runs the loop's tasks only. */
    void runLoop() {
        while (runOne(Place.LOOP, 0)) {
            // the condition does the work
        }
    }

    /** Runs any one of the tasks that could come next; false if there is none. The loop keeps the order of its tasks. */
    boolean runAny(RandomGenerator random) {
        int first = random.nextInt(3);
        for (int i = 0; i < 3; i++) {
            Place next = Place.values()[(first + i) % 3];
            List<Runnable> tasks = tasks(next);
            if (runOne(next, next == Place.LOOP || tasks.isEmpty() ? 0 : random.nextInt(tasks.size()))) {
                return true;
            }
        }
        return false;
    }

    private boolean runOne(Place next, int index) {
        List<Runnable> tasks = tasks(next);
        if (tasks.isEmpty()) {
            return false;
        }
        place = next;
        tasks.remove(index).run();
        place = Place.LOOP;
        return true;
    }

    private List<Runnable> tasks(Place of) {
        return switch (of) {
            case LOOP -> loop;
            case EXECUTOR -> executor;
            case OUTSIDE -> outside;
        };
    }

    @Override
    public void execute(Runnable task) {
        loop.add(task);
    }

    @Override
    public boolean inLoop() {
        return place == Place.LOOP;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
        throw new UnsupportedOperationException("filters have no timers");
    }
}
