package io.inmesh.balancing;

import java.util.random.RandomGenerator;

/**
 * Envoy's schedule by earliest deadline: an entry that costs {@code c} comes up again when the schedule's time has moved on by {@code c}. What it
 * costs is asked at the moment at which it is taken, so changing costs change how often it comes.
 *
 * <p>Not thread-safe. Takes the logarithm of the number of entries, and allocates nothing.
 */
final class DeadlineSchedule {
    /** Children of a place in the heap: four deadlines lie in one cache line, and the heap is half as high as with two. */
    private static final int WIDTH = 4;

    /** A heap, the earliest deadline at 0. */
    private final double[] deadlines;

    /** Whose deadlines they are. */
    private final int[] entries;

    /** A schedule that has been running for an unknown while: each entry is somewhere within its own period. */
    DeadlineSchedule(double[] costs, RandomGenerator random) {
        deadlines = new double[costs.length];
        entries = new int[costs.length];
        for (int i = 0; i < costs.length; i++) {
            deadlines[i] = random.nextDouble() * costs[i];
            entries[i] = i;
        }
        for (int i = costs.length / WIDTH; i >= 0; i--) {
            sink(i, entries[i], deadlines[i]);
        }
    }

    /** The entry whose turn it is. */
    int first() {
        return entries[0];
    }

    /** Puts the entry whose turn it is back, to come up again after {@code cost}. */
    void postpone(double cost) {
        sink(0, entries[0], deadlines[0] + cost);
    }

    private void sink(int from, int entry, double deadline) {
        int place = from;
        int child = WIDTH * place + 1;
        while (child < deadlines.length) {
            int earliest = child;
            int end = Math.min(child + WIDTH, deadlines.length);
            for (int i = child + 1; i < end; i++) {
                if (deadlines[i] < deadlines[earliest]) {
                    earliest = i;
                }
            }
            if (deadlines[earliest] >= deadline) {
                break;
            }
            deadlines[place] = deadlines[earliest];
            entries[place] = entries[earliest];
            place = earliest;
            child = WIDTH * place + 1;
        }
        deadlines[place] = deadline;
        entries[place] = entry;
    }
}
