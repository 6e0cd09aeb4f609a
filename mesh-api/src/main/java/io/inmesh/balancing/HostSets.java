package io.inmesh.balancing;

import io.inmesh.balancing.HostPicker.Member;
import io.inmesh.balancing.PriorityLoads.Availability;
import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Endpoint.Health;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster by priority, locality and health, on their way to becoming a {@link Balancer}. Used on the configuration thread.
 */
final class HostSets {
    private final Assignment assignment;
    private final List<HostSet> priorities = new ArrayList<>();

    /** No hosts yet; there is always a priority 0, and no gap between priorities. */
    HostSets(Assignment assignment) {
        this.assignment = assignment;
        priority(0);
    }

    /** Makes the locality known even if no host follows. Of two weights of one locality in one priority the last one counts, as in Envoy. */
    void locality(LocalityEndpoints endpoints) {
        HostSet set = priority(endpoints.priority());
        set.localities.computeIfAbsent(endpoints.locality(), name -> new LocalityHosts()).weight =
                Integer.toUnsignedLong(endpoints.weight());
    }

    void add(LocalityEndpoints endpoints, Host host, long weight, Health health) {
        HostSet set = priority(endpoints.priority());
        Member member = new Member(host, weight);
        set.all.add(member, health);
        set.localities
                .computeIfAbsent(endpoints.locality(), name -> new LocalityHosts())
                .hosts
                .add(member, health);
    }

    Balancer balancer(Balancing balancing, RandomGenerator random) {
        List<Availability> availability = new ArrayList<>();
        for (HostSet set : priorities) {
            availability.add(set.all.availability(assignment.weightedPriorityHealth()));
        }
        PriorityLoads loads = PriorityLoads.of(availability, assignment.overprovisioning(), balancing.panicThreshold());
        // Healthy hosts of all priorities come first, then degraded ones: the order is Envoy's and makes no difference
        // to the shares.
        List<Branch> branches = new ArrayList<>();
        for (int degraded = 0; degraded <= 1; degraded++) {
            for (int priority = 0; priority < priorities.size(); priority++) {
                int load = degraded == 1 ? loads.degraded(priority) : loads.healthy(priority);
                if (load > 0) {
                    branches.add(branch(priority, load, degraded == 1, loads.panic(priority), balancing, random));
                }
            }
        }
        return Balancer.over(branches);
    }

    private Branch branch(
            int priority, int load, boolean degraded, boolean panic, Balancing balancing, RandomGenerator random) {
        HostSet set = priorities.get(priority);
        int hosts = set.all.members.size();
        if (panic) {
            HostPicker all =
                    balancing.failInPanic() ? null : HostPicker.of(balancing.policy(), set.all.members, random);
            return new Branch(priority, load, degraded, true, hosts, null, all);
        }
        Branch.Localities localities =
                balancing.localityWeighted() ? localities(set, degraded, balancing, random) : null;
        HostPicker picker = localities != null ? null : HostPicker.of(balancing.policy(), set.all.of(degraded), random);
        return new Branch(priority, load, degraded, false, hosts, localities, picker);
    }

    /** Null if no locality has a weight; the priority's hosts are then used as one. */
    private Branch.@Nullable Localities localities(
            HostSet set, boolean degraded, Balancing balancing, RandomGenerator random) {
        List<Locality> names = new ArrayList<>();
        List<HostPicker> pickers = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        set.localities.forEach((name, locality) -> {
            List<Member> eligible = locality.hosts.of(degraded);
            HostPicker picker = HostPicker.of(balancing.policy(), eligible, random);
            if (picker != null && locality.weight > 0) {
                double share = (double) eligible.size() / (locality.hosts.members.size() - locality.hosts.draining);
                names.add(name);
                pickers.add(picker);
                weights.add(locality.weight * Math.min(1, assignment.overprovisioning() / 100.0 * share));
            }
        });
        if (names.isEmpty()) {
            return null;
        }
        double[] effective = weights.stream().mapToDouble(Double::doubleValue).toArray();
        return new Branch.Localities(List.copyOf(names), List.copyOf(pickers), new WeightedSequence(effective, random));
    }

    private HostSet priority(int priority) {
        while (priorities.size() <= priority) {
            priorities.add(new HostSet());
        }
        return priorities.get(priority);
    }

    /** One priority. */
    private static final class HostSet {
        final HostsByHealth all = new HostsByHealth();
        final Map<Locality, LocalityHosts> localities = new LinkedHashMap<>();
    }

    /** One locality within a priority. */
    private static final class LocalityHosts {
        final HostsByHealth hosts = new HostsByHealth();
        long weight;
    }

    /** Hosts, and which of them are healthy or degraded. */
    private static final class HostsByHealth {
        final List<Member> members = new ArrayList<>();
        final List<Member> healthy = new ArrayList<>();
        final List<Member> degraded = new ArrayList<>();
        int draining;
        long drainingWeight;

        void add(Member member, Health health) {
            members.add(member);
            if (health == Health.HEALTHY) {
                healthy.add(member);
            } else if (health == Health.DEGRADED) {
                degraded.add(member);
            } else if (health == Health.DRAINING) {
                draining++;
                drainingWeight += member.weight();
            }
        }

        List<Member> of(boolean degradedOnes) {
            return degradedOnes ? degraded : healthy;
        }

        Availability availability(boolean byWeight) {
            return new Availability(
                    members.size(),
                    draining,
                    healthy.size(),
                    degraded.size(),
                    weight(members, byWeight) - (byWeight ? drainingWeight : draining),
                    weight(healthy, byWeight),
                    weight(degraded, byWeight));
        }

        private static long weight(List<Member> members, boolean byWeight) {
            return byWeight ? members.stream().mapToLong(Member::weight).sum() : members.size();
        }
    }
}
