package io.inmesh.balancing;

import java.util.random.RandomGenerator;

/** Each host as often as its weight says, evenly spread. */
final class WeightedRoundRobinPicker implements HostPicker {
    private final Host[] hosts;
    private final WeightedSequence sequence;

    WeightedRoundRobinPicker(Host[] hosts, WeightedSequence sequence) {
        this.hosts = hosts;
        this.sequence = sequence;
    }

    @Override
    public Host pick(long hash, RandomGenerator random) {
        return hosts[sequence.next()];
    }

    @Override
    public int size() {
        return hosts.length;
    }

    @Override
    public String policy() {
        return "weighted round robin";
    }
}
