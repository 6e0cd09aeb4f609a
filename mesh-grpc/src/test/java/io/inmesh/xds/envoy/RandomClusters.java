package io.inmesh.xds.envoy;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.Policy;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.type.v3.Percent;
import java.util.SplittableRandom;

/** Clusters with priorities, localities, weights and health of all kinds. */
final class RandomClusters {
    private static final LbPolicy[] POLICIES = {LbPolicy.ROUND_ROBIN, LbPolicy.LEAST_REQUEST, LbPolicy.RANDOM};
    private static final HealthStatus[] HEALTH = {
        HealthStatus.UNKNOWN,
        HealthStatus.HEALTHY,
        HealthStatus.HEALTHY,
        HealthStatus.DEGRADED,
        HealthStatus.UNHEALTHY,
        HealthStatus.DRAINING,
        HealthStatus.TIMEOUT
    };
    private static final int MANY = 100_000;

    private final SplittableRandom random;
    private final HostNames hosts;

    RandomClusters(SplittableRandom random, HostNames hosts) {
        this.random = random;
        this.hosts = hosts;
    }

    Cluster cluster(String name) {
        CommonLbConfig.Builder common = CommonLbConfig.newBuilder();
        switch (random.nextInt(3)) {
            case 0 -> common.setLocalityWeightedLbConfig(LocalityWeightedLbConfig.getDefaultInstance());
            case 1 ->
                common.setZoneAwareLbConfig(
                        ZoneAwareLbConfig.newBuilder().setFailTrafficOnPanic(random.nextInt(4) == 0));
            default -> {
                // Neither.
            }
        }
        if (random.nextBoolean()) {
            common.setHealthyPanicThreshold(Percent.newBuilder().setValue(random.nextInt(101)));
        }
        return Cluster.newBuilder()
                .setName(name)
                .setType(DiscoveryType.STATIC)
                .setConnectTimeout(Duration.newBuilder().setSeconds(5))
                .setLbPolicy(POLICIES[random.nextInt(POLICIES.length)])
                .setCommonLbConfig(common)
                .setCircuitBreakers(CircuitBreakers.newBuilder()
                        .addThresholds(CircuitBreakers.Thresholds.newBuilder()
                                .setMaxConnections(UInt32Value.of(MANY))
                                .setMaxPendingRequests(UInt32Value.of(MANY))
                                .setMaxRequests(UInt32Value.of(MANY))))
                .setLoadAssignment(assignment(name))
                .build();
    }

    /** Priorities without a gap, as Envoy demands; each server in at most one of them, seldom twice. */
    private ClusterLoadAssignment assignment(String name) {
        Policy.Builder policy = Policy.newBuilder();
        if (random.nextInt(3) == 0) {
            policy.setOverprovisioningFactor(UInt32Value.of(100 + random.nextInt(100)));
        }
        // Without weights Envoy counts hosts, with this it counts weights.
        policy.setWeightedPriorityHealth(random.nextInt(4) == 0);
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(name).setPolicy(policy);
        int priorities = 1 + random.nextInt(3);
        boolean weighted = random.nextBoolean();
        boolean mostlyHealthy = random.nextInt(3) == 0;
        int next = 0;
        for (int priority = 0; priority < priorities; priority++) {
            int localities = 1 + random.nextInt(2);
            for (int zone = 0; zone < localities; zone++) {
                LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder()
                        .setPriority(priority)
                        .setLocality(Locality.newBuilder().setRegion("r").setZone("z" + zone));
                if (random.nextInt(5) > 0) {
                    locality.setLoadBalancingWeight(UInt32Value.of(1 + random.nextInt(4)));
                }
                int last = (priority * localities + zone + 1) * hosts.size() / (priorities * localities);
                for (; next < last; next++) {
                    if (random.nextInt(5) > 0) {
                        locality.addLbEndpoints(endpoint(next, weighted, mostlyHealthy));
                    }
                    if (random.nextInt(20) == 0) {
                        locality.addLbEndpoints(endpoint(next, weighted, mostlyHealthy));
                    }
                }
                assignment.addEndpoints(locality);
            }
            next = (priority + 1) * hosts.size() / priorities;
        }
        return assignment.build();
    }

    private LbEndpoint endpoint(int number, boolean weighted, boolean mostlyHealthy) {
        LbEndpoint.Builder endpoint = LbEndpoint.newBuilder()
                .setEndpoint(Endpoint.newBuilder().setAddress(EnvoyProcess.loopback(hosts.port(number))));
        if (!mostlyHealthy || random.nextInt(10) == 0) {
            endpoint.setHealthStatus(HEALTH[random.nextInt(HEALTH.length)]);
        }
        if (weighted) {
            endpoint.setLoadBalancingWeight(UInt32Value.of(1 + random.nextInt(5)));
        }
        return endpoint.build();
    }
}
