package io.inmesh.balancing;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.random.RandomGenerator;

/**
 * Least request where weights differ: a host counts with {@code weight / (active requests + 1) ^ bias}, looked at when it is chosen, and comes up
 * again by a schedule of deadlines, as in Envoy.
 *
 * <p>Envoy has one schedule for each worker thread. Here there are a few, and a thread takes whichever nobody is using at the moment, its usual one
 * first. Nobody ever waits for one: when all are in use, the choice falls by weight alone, and between two.
 */
final class WeightedLeastRequestPicker implements HostPicker {
    private static final int MOST_SCHEDULES = 8;

    /** Distance between two flags, so that each has a cache line of its own. */
    private static final int SPREAD = 16;

    private final Host[] hosts;
    private final double[] weights;
    private final double bias;
    private final DeadlineSchedule[] schedules;
    private final AtomicIntegerArray inUse;
    private final WeightedSequence byWeight;

    WeightedLeastRequestPicker(Host[] hosts, double[] weights, double bias, RandomGenerator random) {
        this.hosts = hosts;
        this.weights = weights;
        // Envoy falls back to 1 as well.
        this.bias = bias >= 0 ? bias : 1;
        double[] costs = new double[hosts.length];
        for (int i = 0; i < costs.length; i++) {
            costs[i] = cost(i);
        }
        int threads = Math.min(MOST_SCHEDULES, Runtime.getRuntime().availableProcessors());
        schedules = new DeadlineSchedule[2 * Integer.highestOneBit(threads)];
        for (int i = 0; i < schedules.length; i++) {
            schedules[i] = new DeadlineSchedule(costs, random);
        }
        inUse = new AtomicIntegerArray(SPREAD * schedules.length);
        byWeight = new WeightedSequence(weights, random);
    }

    @Override
    public Host pick(long hash, RandomGenerator random) {
        int usual = (int) Thread.currentThread().getId();
        for (int i = 0; i < schedules.length; i++) {
            int index = (usual + i) & (schedules.length - 1);
            if (inUse.compareAndSet(SPREAD * index, 0, 1)) {
                DeadlineSchedule schedule = schedules[index];
                int chosen = schedule.first();
                schedule.postpone(cost(chosen));
                inUse.setRelease(SPREAD * index, 0);
                return hosts[chosen];
            }
        }
        Host one = hosts[byWeight.next()];
        Host other = hosts[byWeight.next()];
        return other.activeRequests().get() < one.activeRequests().get() ? other : one;
    }

    private double cost(int index) {
        double active = Math.max(0, hosts[index].activeRequests().get()) + 1.0;
        if (bias == 1) {
            return active / weights[index];
        }
        return (bias == 0 ? 1 : Math.pow(active, bias)) / weights[index];
    }

    @Override
    public int size() {
        return hosts.length;
    }

    @Override
    public String policy() {
        return "weighted least request";
    }
}
