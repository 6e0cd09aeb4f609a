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

    /** The circle in equal sectors: the arc in which each of them begins, and at last the last arc. */
    private final int[] sectors;

    /** How far to shift a point to get its sector. */
    private final int shift;

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
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(ends.length);
        shift = Long.SIZE - 1 - bits;
        sectors = new int[(1 << bits) + 1];
        for (int i = 0; i < sectors.length - 1; i++) {
            sectors[i] = arc((long) i << shift, 0, ends.length);
        }
        sectors[sectors.length - 1] = ends.length;
        position = new AtomicLong(random.nextLong());
    }

    /** The next index. The sector leaves one or two arcs to look at, unless weights lie far apart. */
    int next() {
        long point = position.getAndAdd(STEP) >>> 1;
        int sector = (int) (point >>> shift);
        return arc(point, sectors[sector], sectors[sector + 1]);
    }

    /** The arc of a point, which is known to be one of {@code from} to {@code to}. */
    private int arc(long point, int from, int to) {
        int low = from;
        int high = to;
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
