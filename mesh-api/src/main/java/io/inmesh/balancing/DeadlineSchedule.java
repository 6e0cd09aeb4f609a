package io.inmesh.balancing;

import java.util.random.RandomGenerator;

/**
 * Envoy's schedule by earliest deadline: an entry that costs {@code c} comes up again when the schedule's time has moved on by {@code c}. What it
 * costs is asked at the moment at which it is taken, so changing costs change how often it comes.
 *
 * <p>Not thread-safe. Takes the logarithm of the number of entries, and allocates nothing.
 */
final class DeadlineSchedule {
    /** A binary heap of entries, the earliest deadline at 0. */
    private final int[] heap;

    /** By entry. */
    private final double[] deadlines;

    /** A schedule that has been running for an unknown while: each entry is somewhere within its own period. */
    DeadlineSchedule(double[] costs, RandomGenerator random) {
        heap = new int[costs.length];
        deadlines = new double[costs.length];
        for (int i = 0; i < costs.length; i++) {
            heap[i] = i;
            deadlines[i] = random.nextDouble() * costs[i];
        }
        for (int i = heap.length / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    /** The entry whose turn it is. */
    int first() {
        return heap[0];
    }

    /** Puts the entry whose turn it is back, to come up again after {@code cost}. */
    void postpone(double cost) {
        deadlines[heap[0]] += cost;
        sink(0);
    }

    private void sink(int from) {
        int position = from;
        int entry = heap[position];
        double deadline = deadlines[entry];
        while (2 * position + 1 < heap.length) {
            int child = 2 * position + 1;
            if (child + 1 < heap.length && deadlines[heap[child + 1]] < deadlines[heap[child]]) {
                child++;
            }
            if (deadlines[heap[child]] >= deadline) {
                break;
            }
            heap[position] = heap[child];
            position = child;
        }
        heap[position] = entry;
    }
}
