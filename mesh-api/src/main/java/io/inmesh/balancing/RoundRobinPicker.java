package io.inmesh.balancing;

import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** One after the other, from a random start: many clients that start together do not all begin with the same host. */
final class RoundRobinPicker implements HostPicker {
    private final Host[] hosts;
    private final AtomicLong next;

    RoundRobinPicker(Host[] hosts, RandomGenerator random) {
        this.hosts = hosts;
        this.next = new AtomicLong(random.nextInt(hosts.length));
    }

    @Override
    public Host pick(long hash, RandomGenerator random) {
        return hosts[(int) (next.getAndIncrement() % hosts.length)];
    }

    @Override
    public int size() {
        return hosts.length;
    }

    @Override
    public String policy() {
        return "round robin";
    }
}
