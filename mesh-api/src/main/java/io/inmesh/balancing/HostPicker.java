package io.inmesh.balancing;

import io.inmesh.model.Cluster.Policy;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among hosts that are equal in priority, health and locality. Thread-safe; allocates nothing in {@link #pick}.
 */
sealed interface HostPicker
        permits RandomPicker,
                RoundRobinPicker,
                WeightedRoundRobinPicker,
                LeastRequestPicker,
                WeightedLeastRequestPicker {

    /**
     * A host.
     *
     * @param hash   the random number by which the priority was chosen
     * @param random for more of them
     */
    Host pick(long hash, RandomGenerator random);

    /** Among how many it chooses. */
    int size();

    /** What it does, in words. */
    String policy();

    /** A host as it takes part: its weight is that of its place in the endpoint list. */
    record Member(Host host, long weight) {}

    /** The picker of a policy for these hosts, or null if there are none. */
    static @Nullable HostPicker of(Policy policy, List<Member> members, RandomGenerator random) {
        if (members.isEmpty()) {
            return null;
        }
        Host[] hosts = members.stream().map(Member::host).toArray(Host[]::new);
        // Envoy looks at the weights of the hosts at hand, and goes the quicker way when they do not differ.
        boolean equal = members.stream()
                .allMatch(member -> member.weight() == members.get(0).weight());
        double[] weights = members.stream().mapToDouble(Member::weight).toArray();
        if (policy instanceof Policy.Random) {
            return new RandomPicker(hosts);
        } else if (policy instanceof Policy.LeastRequest leastRequest) {
            return equal
                    ? new LeastRequestPicker(hosts, Math.max(1, leastRequest.choiceCount()))
                    : new WeightedLeastRequestPicker(hosts, weights, leastRequest.activeRequestBias(), random);
        }
        return equal
                ? new RoundRobinPicker(hosts, random)
                : new WeightedRoundRobinPicker(hosts, new WeightedSequence(weights, random));
    }
}
