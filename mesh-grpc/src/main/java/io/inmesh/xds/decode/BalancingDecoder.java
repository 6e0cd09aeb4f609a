package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided;
import io.envoyproxy.envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import io.envoyproxy.envoy.type.v3.Percent;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Policy;
import io.inmesh.model.Cluster.ZoneAware;
import org.jspecify.annotations.Nullable;

/** How a cluster's host is chosen: {@code lb_policy} or {@code load_balancing_policy}, and {@code common_lb_config}. */
final class BalancingDecoder {
    private static final RoundRobin ROUND_ROBIN = RoundRobin.getDefaultInstance();
    private static final LeastRequest LEAST_REQUEST = LeastRequest.getDefaultInstance();
    private static final Random RANDOM = Random.getDefaultInstance();
    private static final WrrLocality WRR_LOCALITY = WrrLocality.getDefaultInstance();
    private static final ClusterProvided PROVIDED = ClusterProvided.getDefaultInstance();
    private static final String INSTEAD = "hosts are chosen by ROUND_ROBIN instead";
    private static final double DEFAULT_PANIC = 50;
    private static final int DEFAULT_CHOICES = 2;
    private static final double DEFAULT_BIAS = 1.0;
    private static final double ALL = 100;
    private static final long DEFAULT_MIN_CLUSTER_SIZE = 6;

    private BalancingDecoder() {}

    static Balancing decode(Cluster cluster, String path, Notes notes) {
        CommonLbConfig common = cluster.getCommonLbConfig();
        double panic = common.hasHealthyPanicThreshold()
                ? common.getHealthyPanicThreshold().getValue()
                : DEFAULT_PANIC;
        if (cluster.hasLoadBalancingPolicy()) {
            // "If this field is set ..., lb_policy and the locality part of common_lb_config do not count."
            Chosen chosen =
                    extension(cluster.getLoadBalancingPolicy(), Paths.child(path, "load_balancing_policy"), notes);
            return chosen.with(panic);
        }
        boolean failInPanic = common.getZoneAwareLbConfig().getFailTrafficOnPanic();
        return new Balancing(
                policy(cluster, path, notes),
                panic,
                failInPanic,
                common.hasLocalityWeightedLbConfig(),
                common.hasZoneAwareLbConfig()
                        ? zoneAware(
                                common.getZoneAwareLbConfig().hasRoutingEnabled(),
                                common.getZoneAwareLbConfig().getRoutingEnabled(),
                                common.getZoneAwareLbConfig().hasMinClusterSize(),
                                common.getZoneAwareLbConfig()
                                        .getMinClusterSize()
                                        .getValue())
                        : null);
    }

    private static Policy policy(Cluster cluster, String path, Notes notes) {
        return switch (cluster.getLbPolicy()) {
            case ROUND_ROBIN -> new Policy.RoundRobin();
            case RANDOM -> new Policy.Random();
            case LEAST_REQUEST ->
                leastRequest(
                        cluster.getLeastRequestLbConfig().hasChoiceCount(),
                        cluster.getLeastRequestLbConfig().getChoiceCount().getValue(),
                        cluster.getLeastRequestLbConfig().hasActiveRequestBias(),
                        cluster.getLeastRequestLbConfig().getActiveRequestBias());
            case RING_HASH, MAGLEV, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED -> {
                // Where requests name their hosts, nothing is left to choose.
                boolean provided = cluster.getLbPolicy() == Cluster.LbPolicy.CLUSTER_PROVIDED;
                if (!provided || !providesHosts(cluster)) {
                    notes.unsupported(Paths.child(path, "lb_policy"), cluster.getLbPolicy() + ": " + INSTEAD);
                }
                yield new Policy.RoundRobin();
            }
        };
    }

    private static boolean providesHosts(Cluster cluster) {
        return cluster.hasClusterType() || cluster.getType() == Cluster.DiscoveryType.ORIGINAL_DST;
    }

    private static Policy leastRequest(boolean hasChoices, int choices, boolean hasBias, RuntimeDouble bias) {
        return new Policy.LeastRequest(
                hasChoices ? Values.count(choices) : DEFAULT_CHOICES, hasBias ? bias(bias) : DEFAULT_BIAS);
    }

    private static double bias(RuntimeDouble bias) {
        // Envoy uses 1.0 in place of a negative bias and says so in its log.
        return bias.getDefaultValue() >= 0 ? bias.getDefaultValue() : DEFAULT_BIAS;
    }

    /** The first policy of the list that is known counts. */
    private static Chosen extension(LoadBalancingPolicy list, String path, Notes notes) {
        for (int i = 0; i < list.getPoliciesCount(); i++) {
            Any config = list.getPolicies(i).getTypedExtensionConfig().getTypedConfig();
            String at = Paths.element(path, "policies", i) + ".typed_extension_config.typed_config";
            if (Values.is(config, ROUND_ROBIN)) {
                return new Chosen(
                        new Policy.RoundRobin(),
                        Values.unpack(config, ROUND_ROBIN, at, notes).getLocalityLbConfig());
            }
            if (Values.is(config, RANDOM)) {
                return new Chosen(
                        new Policy.Random(),
                        Values.unpack(config, RANDOM, at, notes).getLocalityLbConfig());
            }
            if (Values.is(config, LEAST_REQUEST)) {
                return leastRequest(Values.unpack(config, LEAST_REQUEST, at, notes), at, notes);
            }
            if (Values.is(config, PROVIDED)) {
                return new Chosen(new Policy.RoundRobin(), LocalityLbConfig.getDefaultInstance());
            }
            if (Values.is(config, WRR_LOCALITY)) {
                WrrLocality wrapper = Values.unpack(config, WRR_LOCALITY, at, notes);
                Chosen inner = extension(wrapper.getEndpointPickingPolicy(), at + ".endpoint_picking_policy", notes);
                return new Chosen(
                        inner.policy,
                        LocalityLbConfig.newBuilder()
                                .setLocalityWeightedLbConfig(
                                        LocalityLbConfig.LocalityWeightedLbConfig.getDefaultInstance())
                                .build());
            }
            notes.unsupported(
                    Paths.element(path, "policies", i), Values.typeName(config.getTypeUrl()) + " is passed over");
        }
        notes.unsupported(path, "none of its policies is supported: " + INSTEAD);
        return new Chosen(new Policy.RoundRobin(), LocalityLbConfig.getDefaultInstance());
    }

    private static Chosen leastRequest(LeastRequest config, String path, Notes notes) {
        if (config.getSelectionMethod() == LeastRequest.SelectionMethod.FULL_SCAN) {
            notes.unsupported(path + ".selection_method", "FULL_SCAN: hosts are chosen by N_CHOICES instead");
        }
        return new Chosen(
                leastRequest(
                        config.hasChoiceCount(),
                        config.getChoiceCount().getValue(),
                        config.hasActiveRequestBias(),
                        config.getActiveRequestBias()),
                config.getLocalityLbConfig());
    }

    private static ZoneAware zoneAware(boolean hasPercent, Percent percent, boolean hasSize, long size) {
        return new ZoneAware(hasPercent ? percent.getValue() : ALL, hasSize ? size : DEFAULT_MIN_CLUSTER_SIZE);
    }

    private record Chosen(Policy policy, LocalityLbConfig locality) {
        Balancing with(double panic) {
            LocalityLbConfig.ZoneAwareLbConfig zone = locality.getZoneAwareLbConfig();
            return new Balancing(
                    policy,
                    panic,
                    zone.getFailTrafficOnPanic(),
                    locality.hasLocalityWeightedLbConfig(),
                    zoneAware(zone));
        }

        private @Nullable ZoneAware zoneAware(LocalityLbConfig.ZoneAwareLbConfig zone) {
            return locality.hasZoneAwareLbConfig()
                    ? BalancingDecoder.zoneAware(
                            zone.hasRoutingEnabled(),
                            zone.getRoutingEnabled(),
                            zone.hasMinClusterSize(),
                            zone.getMinClusterSize().getValue())
                    : null;
        }
    }
}
