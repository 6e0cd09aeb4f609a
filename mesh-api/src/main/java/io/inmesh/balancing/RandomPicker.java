package io.inmesh.balancing;

import java.util.random.RandomGenerator;

/** Any host, each as likely as the others: Envoy's random balancer does not look at the weights of endpoints. */
final class RandomPicker implements HostPicker {
    private final Host[] hosts;

    RandomPicker(Host[] hosts) {
        this.hosts = hosts;
    }

    @Override
    public Host pick(RandomGenerator random) {
        return hosts[random.nextInt(hosts.length)];
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
