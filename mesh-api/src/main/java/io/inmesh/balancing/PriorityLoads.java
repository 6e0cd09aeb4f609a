package io.inmesh.balancing;

import java.util.Arrays;
import java.util.List;

/**
 * How the load is shared between the priorities of a cluster, in Envoy's integer arithmetic: the documents on priority levels, degraded endpoints
 * and the panic threshold, and {@code LoadBalancerBase} where they are silent.
 *
 * <p>{@code health(P) = min(100, overprovisioning * healthy / hosts)} and the same for degraded hosts; their sum over all priorities, at most 100,
 * is the normalized total availability. Healthy hosts are given their health as load in the order of priorities, scaled up to 100 when the total
 * is short of it; degraded hosts get of what is left; what rounding leaves goes to the first priority that has anything.
 */
final class PriorityLoads {
    private final int[] healthy;
    private final int[] degraded;
    private final boolean[] panic;

    private PriorityLoads(int priorities) {
        healthy = new int[priorities];
        degraded = new int[priorities];
        panic = new boolean[priorities];
    }

    /**
     * What one priority has. Weights are numbers of hosts, or their weights where {@code weighted_priority_health} says so. Hosts that drain are no
     * part of the sum against which the available ones are held, as if they had left already.
     *
     * @param hosts          number of hosts, whatever their health
     * @param drainingHosts  how many of them drain
     * @param healthyHosts   how many of them are healthy
     * @param degradedHosts  how many of them are degraded
     * @param weight         of all hosts but those that drain
     * @param healthyWeight  of the healthy hosts
     * @param degradedWeight of the degraded hosts
     */
    record Availability(
            int hosts,
            int drainingHosts,
            int healthyHosts,
            int degradedHosts,
            long weight,
            long healthyWeight,
            long degradedWeight) {
        private int healthyPercent(int overprovisioning) {
            return percent(overprovisioning, healthyWeight);
        }

        private int degradedPercent(int overprovisioning) {
            return percent(overprovisioning, degradedWeight);
        }

        private int percent(int overprovisioning, long part) {
            return weight == 0 ? 0 : (int) Math.min(100, overprovisioning * part / weight);
        }

        /** By number of hosts even where health counts by weight. */
        private boolean below(long threshold) {
            int counted = hosts - drainingHosts;
            double available = counted == 0 ? 0 : 100.0 * healthyHosts / counted + 100.0 * degradedHosts / counted;
            return available < threshold;
        }
    }

    /**
     * The loads of these priorities; there is at least one.
     *
     * @param overprovisioning in percent
     * @param panicThreshold   in percent; Envoy rounds it to a whole number
     */
    static PriorityLoads of(List<Availability> priorities, int overprovisioning, double panicThreshold) {
        PriorityLoads loads = new PriorityLoads(priorities.size());
        loads.share(priorities, overprovisioning, Math.min(100, Math.round(panicThreshold)));
        return loads;
    }

    /** Percentage of the load for the healthy hosts of a priority, or for all its hosts while it is in panic. */
    int healthy(int priority) {
        return healthy[priority];
    }

    /** Percentage of the load for the degraded hosts of a priority. */
    int degraded(int priority) {
        return degraded[priority];
    }

    /** Whether health is ignored within a priority. */
    boolean panic(int priority) {
        return panic[priority];
    }

    private void share(List<Availability> priorities, int overprovisioning, long panicThreshold) {
        int[] healthyPercent = priorities.stream()
                .mapToInt(priority -> priority.healthyPercent(overprovisioning))
                .toArray();
        int[] degradedPercent = priorities.stream()
                .mapToInt(priority -> priority.degradedPercent(overprovisioning))
                .toArray();
        int total = Math.min(
                100,
                Arrays.stream(healthyPercent).sum()
                        + Arrays.stream(degradedPercent).sum());
        if (total > 0) {
            int left = distribute(healthy, healthyPercent, 100, total);
            left = distribute(degraded, degradedPercent, left, total);
            int firstHealthy = firstPositive(healthyPercent);
            if (firstHealthy >= 0) {
                healthy[firstHealthy] += left;
            } else {
                degraded[firstPositive(degradedPercent)] += left;
            }
        }
        boolean everywhere = panicThreshold > 0;
        for (int i = 0; i < panic.length; i++) {
            panic[i] = total < 100 && priorities.get(i).below(panicThreshold);
            everywhere &= panic[i];
        }
        if (everywhere) {
            shareByHosts(priorities);
        } else if (total == 0) {
            // Nothing is available and there is no panic to help: all of it goes to the first priority, and fails
            // there.
            healthy[0] = 100;
        }
    }

    /** In panic everywhere, the load follows the number of hosts. */
    private void shareByHosts(List<Availability> priorities) {
        long hosts = priorities.stream().mapToLong(Availability::hosts).sum();
        Arrays.fill(degraded, 0);
        Arrays.fill(healthy, 0);
        int left = 100;
        int first = -1;
        for (int i = 0; i < healthy.length && hosts > 0; i++) {
            int own = priorities.get(i).hosts();
            first = first < 0 && own > 0 ? i : first;
            healthy[i] = (int) (100L * own / hosts);
            left -= healthy[i];
        }
        healthy[Math.max(first, 0)] += left;
    }

    private static int distribute(int[] load, int[] percent, int available, int total) {
        int left = available;
        for (int i = 0; i < load.length; i++) {
            load[i] = Math.min(left, percent[i] * 100 / total);
            left -= load[i];
        }
        return left;
    }

    private static int firstPositive(int[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] > 0) {
                return i;
            }
        }
        return -1;
    }
}
