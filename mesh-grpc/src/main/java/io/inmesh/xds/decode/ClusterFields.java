package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.core.v3.UpstreamHttpProtocolOptions;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.extensions.clusters.dns.v3.DnsCluster;
import io.envoyproxy.envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig;
import io.envoyproxy.envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided;
import io.envoyproxy.envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.type.v3.Percent;

/** Fields of clusters and their endpoints. */
final class ClusterFields {
    private ClusterFields() {}

    static void declare(SupportedFields fields) {
        declareCluster(fields);
        declareBalancing(fields);
        declareHttp(fields);
        declareEndpoints(fields);
    }

    private static void declareCluster(SupportedFields fields) {
        fields.type(Cluster.getDescriptor())
                .supported(
                        "name",
                        "type",
                        "cluster_type",
                        "eds_cluster_config",
                        "connect_timeout",
                        "per_connection_buffer_limit_bytes",
                        "lb_policy",
                        "load_balancing_policy",
                        "load_assignment",
                        "circuit_breakers",
                        "max_requests_per_connection",
                        "common_http_protocol_options",
                        "http2_protocol_options",
                        "protocol_selection",
                        "typed_extension_protocol_options",
                        "upstream_http_protocol_options",
                        "dns_refresh_rate",
                        "dns_failure_refresh_rate",
                        "respect_dns_ttl",
                        "dns_lookup_family",
                        "least_request_lb_config",
                        "round_robin_lb_config",
                        "common_lb_config",
                        "original_dst_lb_config",
                        "cleanup_interval",
                        "filters",
                        "transport_socket",
                        "transport_socket_matches",
                        "metadata")
                .noEffect(
                        "alt_stat_name",
                        "http_protocol_options",
                        "wait_for_warm_on_init",
                        "track_timeout_budgets",
                        "track_cluster_stats",
                        "dns_jitter");
        fields.type(Cluster.TransportSocketMatch.getDescriptor()).supported("name", "match", "transport_socket");
        fields.type(Cluster.EdsClusterConfig.getDescriptor()).supported("eds_config", "service_name");
        fields.type(Cluster.CustomClusterType.getDescriptor()).supported("name", "typed_config");
        fields.type(Cluster.RefreshRate.getDescriptor()).supported("base_interval", "max_interval");
        fields.type(DnsCluster.getDescriptor())
                .supported(
                        "dns_refresh_rate",
                        "dns_failure_refresh_rate",
                        "respect_dns_ttl",
                        "dns_lookup_family",
                        "all_addresses_in_single_endpoint")
                .noEffect("dns_jitter");
        declareRequestHosts(fields);
        fields.type(DnsCluster.RefreshRate.getDescriptor()).supported("base_interval", "max_interval");
        fields.type(TransportSocket.getDescriptor()).supported("name", "typed_config");
        fields.type(CircuitBreakers.getDescriptor()).supported("thresholds");
        fields.type(CircuitBreakers.Thresholds.getDescriptor())
                .supported(
                        "priority",
                        "max_connections",
                        "max_pending_requests",
                        "max_requests",
                        "max_retries",
                        "retry_budget")
                .noEffect("track_remaining", "max_connection_pools");
        fields.type(CircuitBreakers.Thresholds.RetryBudget.getDescriptor())
                .supported("budget_percent", "min_retry_concurrency");
        fields.type(Percent.getDescriptor()).supported("value");
        fields.type(RuntimeDouble.getDescriptor()).supported("default_value").noEffect("runtime_key");
    }

    private static void declareRequestHosts(SupportedFields fields) {
        fields.type(Cluster.OriginalDstLbConfig.getDescriptor())
                .supported("use_http_header", "http_header_name", "upstream_port_override")
                .refused("metadata_key");
        fields.type(ClusterConfig.getDescriptor())
                .supported("dns_cache_config", "allow_insecure_cluster_options")
                // A connection is for one host.
                .noEffect("allow_coalesced_connections")
                .refused("sub_clusters_config");
        fields.type(DnsCacheConfig.getDescriptor())
                .supported(
                        "name",
                        "dns_lookup_family",
                        "dns_refresh_rate",
                        "dns_query_timeout",
                        "host_ttl",
                        "max_hosts",
                        "dns_failure_refresh_rate",
                        "disable_dns_refresh_on_failure")
                // Each cluster has its own table, and a name is asked for when a connection to its host is made. How
                // long an answer holds is up to the resolver.
                .noEffect("dns_min_refresh_rate", "preresolve_hostnames");
        fields.type(ClusterProvided.getDescriptor());
    }

    private static void declareBalancing(SupportedFields fields) {
        fields.type(Cluster.CommonLbConfig.getDescriptor())
                .supported("healthy_panic_threshold", "zone_aware_lb_config", "locality_weighted_lb_config")
                .noEffect("update_merge_window", "consistent_hashing_lb_config");
        // routing_enabled and min_cluster_size are kept for the status; the balancers do not prefer the caller's zone.
        fields.type(Cluster.CommonLbConfig.ZoneAwareLbConfig.getDescriptor()).supported("fail_traffic_on_panic");
        fields.type(Cluster.CommonLbConfig.LocalityWeightedLbConfig.getDescriptor());
        fields.type(Cluster.LeastRequestLbConfig.getDescriptor()).supported("choice_count", "active_request_bias");
        fields.type(Cluster.RoundRobinLbConfig.getDescriptor());
        fields.type(LoadBalancingPolicy.getDescriptor()).supported("policies");
        fields.type(LoadBalancingPolicy.Policy.getDescriptor()).supported("typed_extension_config");
        fields.type(RoundRobin.getDescriptor()).supported("locality_lb_config");
        fields.type(Random.getDescriptor()).supported("locality_lb_config");
        fields.type(LeastRequest.getDescriptor())
                .supported("choice_count", "active_request_bias", "locality_lb_config");
        fields.type(WrrLocality.getDescriptor()).supported("endpoint_picking_policy");
        fields.type(LocalityLbConfig.getDescriptor()).supported("zone_aware_lb_config", "locality_weighted_lb_config");
        fields.type(LocalityLbConfig.ZoneAwareLbConfig.getDescriptor()).supported("fail_traffic_on_panic");
        fields.type(LocalityLbConfig.LocalityWeightedLbConfig.getDescriptor());
    }

    private static void declareHttp(SupportedFields fields) {
        fields.type(HttpProtocolOptions.getDescriptor())
                .supported(
                        "common_http_protocol_options",
                        "explicit_http_config",
                        "use_downstream_protocol_config",
                        "auto_config",
                        "http_filters",
                        "upstream_http_protocol_options");
        fields.type(UpstreamHttpProtocolOptions.getDescriptor())
                .supported("auto_sni", "auto_san_validation", "override_auto_sni_header");
        fields.type(HttpProtocolOptions.ExplicitHttpConfig.getDescriptor())
                .supported("http2_protocol_options")
                .noEffect("http_protocol_options")
                .refused("http3_protocol_options");
        fields.type(HttpProtocolOptions.UseDownstreamHttpConfig.getDescriptor())
                .supported("http2_protocol_options")
                .noEffect("http_protocol_options", "http3_protocol_options");
        fields.type(HttpProtocolOptions.AutoHttpConfig.getDescriptor())
                .supported("http2_protocol_options")
                .noEffect("http_protocol_options");
        fields.type(io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions.getDescriptor())
                .supported(
                        "idle_timeout",
                        "max_connection_duration",
                        "max_requests_per_connection",
                        "max_response_headers_kb",
                        "max_stream_duration",
                        "max_headers_count",
                        "headers_with_underscores_action");
        fields.type(Http2ProtocolOptions.getDescriptor())
                .supported("max_concurrent_streams")
                // Guards of a server against its clients, and settings without a visible effect.
                .noEffect(
                        "hpack_table_size",
                        "initial_stream_window_size",
                        "initial_connection_window_size",
                        "allow_connect",
                        "allow_metadata",
                        "max_metadata_size",
                        "max_outbound_frames",
                        "max_outbound_control_frames",
                        "max_consecutive_inbound_frames_with_empty_payload",
                        "max_inbound_priority_frames_per_stream",
                        "max_inbound_window_update_frames_per_data_frame_sent",
                        "stream_error_on_invalid_http_messaging",
                        "override_stream_error_on_invalid_http_message",
                        "use_oghttp2_codec");
    }

    private static void declareEndpoints(SupportedFields fields) {
        fields.type(ClusterLoadAssignment.getDescriptor()).supported("cluster_name", "endpoints", "policy");
        fields.type(ClusterLoadAssignment.Policy.getDescriptor())
                .supported("overprovisioning_factor", "weighted_priority_health");
        fields.type(LocalityLbEndpoints.getDescriptor())
                .supported("locality", "lb_endpoints", "load_balancing_weight", "priority", "metadata");
        fields.type(Locality.getDescriptor()).supported("region", "zone", "sub_zone");
        fields.type(LbEndpoint.getDescriptor())
                .supported("endpoint", "health_status", "metadata", "load_balancing_weight");
        fields.type(Endpoint.getDescriptor()).supported("address", "hostname", "additional_addresses");
        fields.type(Endpoint.AdditionalAddress.getDescriptor()).supported("address");
    }
}
