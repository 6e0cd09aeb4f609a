package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.RetryBudget;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.TransportSocket;
import io.inmesh.xds.decode.AssignmentDecoder.AddressForm;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.cluster.v3.Cluster}. */
final class ClusterDecoder {
    private static final double DEFAULT_BUDGET_PERCENT = 20;
    private static final int DEFAULT_BUDGET_RETRIES = 3;

    /** {@code Cluster.transport_socket_matcher}, which is newer than the messages here. */
    private static final int TRANSPORT_SOCKET_MATCHER = 59;

    private ClusterDecoder() {}

    /** Decodes a cluster that was checked already. */
    static DecodedCluster decode(Cluster cluster, Notes notes) {
        Refusal unusable = new Refusal();
        if (cluster.getUnknownFields().hasField(TRANSPORT_SOCKET_MATCHER)) {
            unusable.because("transport_socket_matcher: is not supported, and it chooses the TLS of a connection");
        }
        Discovery discovery = DiscoveryDecoder.decode(cluster, notes, unusable);
        TransportSocket transport = TransportSocketDecoder.socket(cluster, notes);
        List<TransportSocket.Match> matches = TransportSocketDecoder.matches(cluster, notes);
        checkNetworkFilters(cluster, notes);
        HttpOptions http = HttpOptionsDecoder.decode(cluster, notes, unusable);
        if (discovery instanceof Discovery.DynamicForwardProxy) {
            http = RequestHostsDecoder.secured(http, cluster);
        }
        if (http.version() == HttpVersion.ALPN && !negotiates(transport, matches)) {
            throw new BadResourceException(
                    Paths.entry("", "typed_extension_protocol_options", HttpOptionsDecoder.KEY) + ".auto_config",
                    "needs a transport socket that negotiates by ALPN");
        }
        return new DecodedCluster(
                new io.inmesh.model.Cluster(
                        cluster.getName(),
                        discovery,
                        BalancingDecoder.decode(cluster, "", notes),
                        cluster.hasConnectTimeout()
                                ? Values.duration(cluster.getConnectTimeout(), "connect_timeout")
                                : io.inmesh.model.Cluster.DEFAULT_CONNECT_TIMEOUT,
                        thresholds(cluster, RoutingPriority.DEFAULT),
                        thresholds(cluster, RoutingPriority.HIGH),
                        http,
                        transport,
                        matches,
                        cluster.hasPerConnectionBufferLimitBytes()
                                ? Values.count(cluster.getPerConnectionBufferLimitBytes())
                                : io.inmesh.model.Cluster.DEFAULT_BUFFER_LIMIT,
                        Values.metadata(cluster.getMetadata()),
                        unusable.reason()),
                endpoints(cluster, discovery, notes));
    }

    private static @Nullable Assignment endpoints(Cluster cluster, Discovery discovery, Notes notes) {
        if (discovery instanceof Discovery.Eds) {
            return null;
        }
        boolean dns = discovery instanceof Discovery.StrictDns || discovery instanceof Discovery.LogicalDns;
        Assignment endpoints = AssignmentDecoder.decode(
                cluster.getLoadAssignment(),
                cluster.getName(),
                dns ? AddressForm.DNS : AddressForm.STATIC,
                "load_assignment",
                notes);
        if (discovery instanceof Discovery.LogicalDns
                && (endpoints.localities().size() != 1 || endpoints.size() != 1)) {
            throw new BadResourceException(
                    "load_assignment", "LOGICAL_DNS clusters must have a single locality with a single endpoint");
        }
        return endpoints;
    }

    /** Whether a connection to any endpoint can be told by ALPN which HTTP it is. */
    private static boolean negotiates(TransportSocket transport, List<TransportSocket.Match> matches) {
        return !(transport instanceof TransportSocket.Plaintext)
                && matches.stream().noneMatch(match -> match.socket() instanceof TransportSocket.Plaintext);
    }

    private static void checkNetworkFilters(Cluster cluster, Notes notes) {
        for (int i = 0; i < cluster.getFiltersCount(); i++) {
            Any config = cluster.getFilters(i).getTypedConfig();
            if (!NetworkFilters.isHarmless(config)) {
                notes.unsupported(
                        Paths.element("", "filters", i), cluster.getFilters(i).getName());
            }
        }
    }

    /** The first entry of each priority counts. */
    private static Thresholds thresholds(Cluster cluster, RoutingPriority priority) {
        for (CircuitBreakers.Thresholds each : cluster.getCircuitBreakers().getThresholdsList()) {
            if (each.getPriority() == priority) {
                return thresholds(each);
            }
        }
        return Thresholds.DEFAULT;
    }

    private static Thresholds thresholds(CircuitBreakers.Thresholds limits) {
        Thresholds defaults = Thresholds.DEFAULT;
        return new Thresholds(
                limits.hasMaxConnections() ? Values.count(limits.getMaxConnections()) : defaults.maxConnections(),
                limits.hasMaxPendingRequests()
                        ? Values.count(limits.getMaxPendingRequests())
                        : defaults.maxPendingRequests(),
                limits.hasMaxRequests() ? Values.count(limits.getMaxRequests()) : defaults.maxRequests(),
                limits.hasMaxRetries() ? Values.count(limits.getMaxRetries()) : defaults.maxRetries(),
                limits.hasRetryBudget() ? budget(limits.getRetryBudget()) : null);
    }

    private static RetryBudget budget(CircuitBreakers.Thresholds.RetryBudget budget) {
        return new RetryBudget(
                budget.hasBudgetPercent() ? budget.getBudgetPercent().getValue() : DEFAULT_BUDGET_PERCENT,
                budget.hasMinRetryConcurrency()
                        ? Values.count(budget.getMinRetryConcurrency())
                        : DEFAULT_BUDGET_RETRIES);
    }

    static Duration positive(com.google.protobuf.Duration duration, String path) {
        Duration value = Values.duration(duration, path);
        if (value.isZero()) {
            throw new BadResourceException(path, "must be above 0s");
        }
        return value;
    }
}
