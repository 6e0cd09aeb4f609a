package io.inmesh.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a cluster: {@code envoy.config.endpoint.v3.LbEndpoint}.
 *
 * @param address  an IP address in its textual form, or a host name in clusters that DNS resolves and in those whose requests name their hosts
 * @param port     1 to 65535
 * @param weight   at least 1
 * @param health   as the control plane sees it
 * @param hostname {@code endpoint.hostname}, for rewrites and health checks; null if none
 * @param metadata {@code metadata.filter_metadata}, as nested maps
 * @param additional {@code endpoint.additional_addresses}, as of a host with addresses of both families: connections try them too, and whichever is there first is taken
 */
public record Endpoint(
        String address,
        int port,
        int weight,
        Health health,
        @Nullable String hostname,
        Map<String, Map<String, Object>> metadata,
        List<AdditionalAddress> additional) {

    /** An endpoint with one address. */
    public Endpoint(
            String address,
            int port,
            int weight,
            Health health,
            @Nullable String hostname,
            Map<String, Map<String, Object>> metadata) {
        this(address, port, weight, health, hostname, metadata, List.of());
    }

    /** Where the same endpoint is found too; always an IP address in its textual form. */
    public record AdditionalAddress(String address, int port) {}

    /** A healthy endpoint of weight 1. */
    public static Endpoint of(String address, int port) {
        return new Endpoint(address, port, 1, Health.HEALTHY, null, Map.of());
    }

    /** {@code HealthStatus} as Envoy's balancers see it: UNHEALTHY, DRAINING and TIMEOUT get no traffic outside of panic. */
    public enum Health {
        /** HEALTHY and UNKNOWN. */
        HEALTHY,
        /** Used when healthy hosts do not suffice. */
        DEGRADED,
        /** UNHEALTHY and TIMEOUT. */
        UNHEALTHY,
        /** Asked to finish: like unhealthy for new requests, and not counted when it is asked how many of the hosts are healthy. */
        DRAINING
    }
}
