package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SchemeHeaderTransformation;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.AdditionalAddress;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.data.dns.v3.DnsTable;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.udp.dns_filter.v3.DnsFilterConfig;

/** Fields of listeners and connection managers. */
final class ListenerFields {
    private ListenerFields() {}

    static void declare(SupportedFields fields) {
        fields.type(Listener.getDescriptor())
                .supported(
                        "name",
                        "address",
                        "filter_chains",
                        "default_filter_chain",
                        "traffic_direction",
                        "api_listener",
                        "listener_filters",
                        "listener_filters_timeout",
                        "continue_on_listener_filters_timeout",
                        "use_original_dst",
                        "additional_addresses")
                // What belongs to a socket that is bound, to connections that are accepted on it, or to statistics.
                .noEffect(
                        "stat_prefix",
                        "metadata",
                        "bind_to_port",
                        "deprecated_v1",
                        "drain_type",
                        "transparent",
                        "freebind",
                        "socket_options",
                        "tcp_fast_open_queue_length",
                        "tcp_backlog_size",
                        "max_connections_to_accept_per_socket_event",
                        "connection_balance_config",
                        "reuse_port",
                        "enable_reuse_port",
                        "enable_mptcp",
                        "ignore_global_conn_limit",
                        "bypass_overload_manager",
                        "per_connection_buffer_limit_bytes")
                .refused("internal_listener", "udp_listener_config", "filter_chain_matcher");
        fields.type(AdditionalAddress.getDescriptor()).supported("address");
        fields.type(ApiListener.getDescriptor()).supported("api_listener");
        fields.type(FilterChain.getDescriptor())
                .supported("name", "filters", "filter_chain_match", "transport_socket")
                .noEffect("metadata", "transport_socket_connect_timeout");
        fields.type(FilterChainMatch.getDescriptor())
                .supported(
                        "destination_port",
                        "prefix_ranges",
                        "server_names",
                        "transport_protocol",
                        "application_protocols",
                        "direct_source_prefix_ranges",
                        "source_type",
                        "source_prefix_ranges",
                        "source_ports")
                .refused("address_suffix", "suffix_len");
        fields.type(ListenerFilter.getDescriptor())
                .supported("name", "typed_config", "filter_disabled")
                .refused("config_discovery");
        fields.type(Filter.getDescriptor()).supported("name", "typed_config").refused("config_discovery");
        fields.type(Address.getDescriptor()).supported("socket_address").refused("pipe", "envoy_internal_address");
        fields.type(DnsFilterConfig.getDescriptor())
                .supported("server_config")
                .noEffect("stat_prefix", "client_config");
        fields.type(DnsFilterConfig.ServerContextConfig.getDescriptor()).supported("inline_dns_table");
        fields.type(DnsTable.getDescriptor()).supported("virtual_domains").noEffect("external_retry_count");
        fields.type(DnsTable.DnsVirtualDomain.getDescriptor())
                .supported("name", "endpoint")
                .noEffect("answer_ttl");
        fields.type(DnsTable.DnsEndpoint.getDescriptor()).supported("address_list");
        fields.type(DnsTable.AddressList.getDescriptor()).supported("address");
        fields.type(SocketAddress.getDescriptor())
                .supported("address", "port_value")
                .noEffect("protocol", "ipv4_compat")
                .refused("named_port");
        fields.type(HttpConnectionManager.getDescriptor())
                .supported(
                        "rds",
                        "route_config",
                        "http_filters",
                        "stream_idle_timeout",
                        "request_timeout",
                        "stat_prefix",
                        "normalize_path",
                        "merge_slashes",
                        "path_with_escaped_slashes_action",
                        "strip_matching_host_port",
                        "strip_any_host_port",
                        "strip_trailing_host_dot",
                        "forward_client_cert_details",
                        "set_current_client_cert_details",
                        "use_remote_address",
                        "xff_num_trusted_hops",
                        "skip_xff_append",
                        "internal_address_config",
                        "generate_request_id",
                        "preserve_external_request_id",
                        "always_set_request_id_in_response",
                        "server_name",
                        "server_header_transformation",
                        "via",
                        "scheme_header_transformation",
                        "max_request_headers_kb",
                        "common_http_protocol_options",
                        "upgrade_configs",
                        "request_headers_timeout",
                        "append_x_forwarded_port")
                .refused("scoped_routes")
                // What belongs to the connection from a client, which in process does not exist.
                .noEffect(
                        "codec_type",
                        "http_protocol_options",
                        "http2_protocol_options",
                        "http3_protocol_options",
                        "http1_safe_max_connection_duration",
                        "drain_timeout",
                        "delayed_close_timeout",
                        "stream_error_on_invalid_http_message",
                        "proxy_100_continue",
                        "represent_ipv4_remote_address_as_ipv4_mapped_ipv6",
                        "typed_header_validation_config",
                        "add_proxy_protocol_connection_state",
                        "append_local_overload");
        fields.type(HttpConnectionManager.SetCurrentClientCertDetails.getDescriptor())
                .supported("subject", "cert", "chain", "dns", "uri");
        fields.type(HttpConnectionManager.InternalAddressConfig.getDescriptor())
                .supported("cidr_ranges")
                .noEffect("unix_sockets");
        fields.type(HttpConnectionManager.UpgradeConfig.getDescriptor())
                .supported("upgrade_type", "enabled")
                .refused("filters");
        fields.type(SchemeHeaderTransformation.getDescriptor()).supported("scheme_to_overwrite");
        fields.type(Rds.getDescriptor()).supported("route_config_name", "config_source");
        fields.type(HttpFilter.getDescriptor())
                .supported("name", "typed_config", "is_optional", "disabled")
                .refused("config_discovery");
        // Resources come from the session (or the folder) that brought this one, and its resource timer counts. Secrets
        // may come from elsewhere;
        // another source of anything else is noted by the decoder.
        fields.type(ConfigSource.getDescriptor())
                .supported("ads", "self", "path", "path_config_source", "api_config_source")
                .noEffect("resource_api_version", "initial_fetch_timeout", "authorities");
    }
}
