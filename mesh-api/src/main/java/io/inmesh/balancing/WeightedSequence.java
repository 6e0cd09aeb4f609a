package io.inmesh.balancing;

import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * An endless sequence of indexes in which each turns up as often as its weight says, evenly spread, for any number of threads.
 *
 * <p>Envoy keeps a schedule of deadlines for each worker thread; one schedule for all threads would need a lock. Here the only state is a counter.
 * The weights divide a circle into arcs, and the sequence walks around it in steps of the golden ratio: of all steps it is the one whose points are
 * the most evenly spread at every length of the walk. After {@code n} steps the number of visits to an arc of share {@code p} differs from
 * {@code n * p} by no more than the order of {@code log n}, where drawing at random differs by the order of {@code sqrt(n)}. A caller who
 * always takes every second or third element still sees every index, which a periodic schedule does not promise.
 */
final class WeightedSequence {
    /** 2^64 divided by the golden ratio, made odd so that the counter runs through all values. */
    private static final long STEP = 0x9E3779B97F4A7C15L;

    /** Where each arc but the last ends, on a circle of 2^63. */
    private final long[] ends;

    private final AtomicLong position;

    /**
     * A sequence that starts anywhere.
     *
     * @param weights all positive, at least one
     */
    WeightedSequence(double[] weights, RandomGenerator random) {
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        ends = new long[weights.length - 1];
        double sum = 0;
        for (int i = 0; i < ends.length; i++) {
            sum += weights[i];
            ends[i] = (long) (sum / total * 0x1p63);
        }
        position = new AtomicLong(random.nextLong());
    }

    /** The next index. */
    int next() {
        long point = position.getAndAdd(STEP) >>> 1;
        int low = 0;
        int high = ends.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] <= point) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
