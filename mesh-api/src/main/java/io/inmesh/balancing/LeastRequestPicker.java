package io.inmesh.balancing;

import java.util.random.RandomGenerator;

/** Draws some hosts, with putting back, and takes the one with the fewest active requests; the first one drawn of those that tie. */
final class LeastRequestPicker implements HostPicker {
    private final Host[] hosts;
    private final int choices;

    LeastRequestPicker(Host[] hosts, int choices) {
        this.hosts = hosts;
        this.choices = choices;
    }

    @Override
    public Host pick(long hash, RandomGenerator random) {
        Host best = hosts[random.nextInt(hosts.length)];
        int fewest = best.activeRequests().get();
        for (int i = 1; i < choices; i++) {
            Host other = hosts[random.nextInt(hosts.length)];
            int active = other.activeRequests().get();
            if (active < fewest) {
                best = other;
                fewest = active;
            }
        }
        return best;
    }

    @Override
    public int size() {
        return hosts.length;
    }

    @Override
    public String policy() {
        return "least request";
    }
}
