package io.inmesh.balancing;

import java.util.random.RandomGenerator;

/**
 * Any host, each as likely as the others: Envoy's random balancer does not look at the weights of endpoints.
 *
 * <p>Envoy draws one number, takes it modulo 100 for the priority and modulo the number of hosts for the host. While the load is split between
 * priorities the two are not independent: of 100 hosts with 35 % of the load only 35 are ever chosen. The distribution is to be Envoy's, so it is
 * the same here.
 */
final class RandomPicker implements HostPicker {
    private final Host[] hosts;

    RandomPicker(Host[] hosts) {
        this.hosts = hosts;
    }

    @Override
    public Host pick(long hash, RandomGenerator random) {
        return hosts[(int) Long.remainderUnsigned(hash, hosts.length)];
    }

    @Override
    public int size() {
        return hosts.length;
    }

    @Override
    public String policy() {
        return "random";
    }
}
