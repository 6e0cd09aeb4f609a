package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.Listener;
import io.inmesh.xds.decode.Decoded.Accepted;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which filter chain of a listener requests in the clear take, and what is kept of the others. */
class OutboundChainsTest {
    private static final String TYPE =
            "{name: n, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.";
    private static final String INSPECTORS = "listener_filters: [" + TYPE + "listener.tls_inspector.v3.TlsInspector}}, "
            + TYPE + "listener.http_inspector.v3.HttpInspector}}]";
    private static final String ISTIO =
            "filter_chain_match: {transport_protocol: raw_buffer, application_protocols: [http/1.1, h2c]}";

    /** {@code HTTP(x)} is a connection manager with the route table x, {@code TCP(x)} a TCP proxy to the cluster x. */
    private static String yaml(String text) {
        return "{address: {socket_address: {address: 0.0.0.0, port_value: 80}}, traffic_direction: OUTBOUND, "
                + text.replace("INSPECTORS", INSPECTORS)
                        .replace("ISTIO", ISTIO)
                        .replaceAll(
                                "HTTP\\((\\w+)\\)",
                                TYPE.replace("$", "\\$")
                                        + "network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s, "
                                        + "rds: {route_config_name: $1, config_source: {ads: {}}}, http_filters: ["
                                        + TYPE + "http.router.v3.Router}}]}}")
                        .replaceAll(
                                "TCP\\((\\w+)\\)",
                                TYPE + "network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: $1}}")
                + "}";
    }

    private static Listener decode(String text) {
        return Yaml.accepted(Yaml.listener(yaml(text))).listener();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            filter_chains: [{filters: [HTTP(a)]}]                                                                             | a
            INSPECTORS, filter_chains: [{ISTIO, filters: [HTTP(a)]}], default_filter_chain: {filters: [TCP(x)]}               | a
            INSPECTORS, filter_chains: [{filters: [TCP(x)]}, {ISTIO, filters: [HTTP(a)]}]                                     | a
            INSPECTORS, filter_chains: [{filter_chain_match: {application_protocols: [h2c]}, filters: [HTTP(a)]}]             | a
            filter_chains: [{ISTIO, filters: [HTTP(a)]}], default_filter_chain: {filters: [TCP(x)]}                           | none
            INSPECTORS, filter_chains: [{filter_chain_match: {application_protocols: [h2]}, filters: [HTTP(a)]}]              | none
            INSPECTORS, filter_chains: [{filter_chain_match: {transport_protocol: tls}, filters: [HTTP(a)]}], default_filter_chain: {filters: [HTTP(b)]} | b
            filter_chains: [{filters: [TCP(x)]}], default_filter_chain: {filters: [HTTP(b)]}                                  | none
            filter_chains: [{filter_chain_match: {prefix_ranges: [{address_prefix: 10.0.0.0, prefix_len: 8}]}, filters: [TCP(x)]}, {filters: [HTTP(b)]}] | b
            filter_chains: [{filter_chain_match: {prefix_ranges: [{address_prefix: 10.0.0.0, prefix_len: 8}]}, filters: [HTTP(a)]}, {filters: [TCP(x)]}] | a
            filter_chains: [{filter_chain_match: {destination_port: 81}, filters: [HTTP(a)]}]                                 | a
            filter_chains: [{filter_chain_match: {source_type: EXTERNAL}, filters: [HTTP(a)]}, {filters: [HTTP(b)]}]          | b
            """)
    void http_chain_isTheOneThatEnvoyWouldTakeForPlainHttp(String text, String expected) {
        HttpConnectionManager http = decode(text).http();

        assertThat(http == null ? "none" : http.routeTable()).isEqualTo(expected);
    }

    @Test
    void tcp_otherChains_areKeptWithMatchAndClusters() {
        Listener listener = decode(
                "INSPECTORS, filter_chains: [{filter_chain_match: {server_names: [a.example.com]}, filters: [TCP(x)]},"
                        + " {ISTIO, filters: [HTTP(a)]}, {filter_chain_match: {destination_port: 81}, filters: [HTTP(b)]}],"
                        + " default_filter_chain: {filters: [TCP(y)]}");

        assertThat(listener.tcp()).hasSize(3);
        assertThat(listener.tcp().get(0).match().serverNames()).containsExactly("a.example.com");
        assertThat(listener.tcp().get(0).clusters()).containsExactly("x");
        assertThat(listener.tcp().get(1).match().destinationPort()).isEqualTo(81);
        assertThat(listener.tcp().get(1).clusters()).isEmpty();
        assertThat(listener.tcp().get(2).fallback()).isTrue();
        assertThat(listener.tcp().get(2).clusters()).containsExactly("y");
        assertThat(listener.inspectsTls()).isTrue();
        assertThat(listener.inspectsHttp()).isTrue();
        assertThat(listener.httpMatch()).isNotNull();
    }

    @Test
    void tcp_weightedClusters_areAllNamed() {
        assertThat(decode("filter_chains: [{filters: [" + TYPE
                                + "network.tcp_proxy.v3.TcpProxy, stat_prefix: s, weighted_clusters:"
                                + " {clusters: [{name: a, weight: 1}, {name: b, weight: 2}]}}}]}]")
                        .tcp()
                        .get(0)
                        .clusters())
                .containsExactly("a", "b");
    }

    @Test
    void tcp_filterThatMayRefuse_leavesNothingAllowed() {
        Accepted<DecodedListener> decoded = (Accepted<DecodedListener>) Yaml.listener(
                yaml("filter_chains: [{filters: [" + TYPE + "network.rbac.v3.RBAC, stat_prefix: s}}, TCP(x)]}]"));

        assertThat(decoded.value().listener().tcp().get(0).clusters()).isEmpty();
        assertThat(decoded.unsupported())
                .contains(
                        "filter_chains[0].filters[0] (may decide who may do what, or where it goes: connections of this chain are refused)");
    }

    /** Where they lead is not where the chain says: {@code envoy.tcp_proxy.cluster} in the filter state, or the server name, take the place of its cluster. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            set_filter_state.v3.Config, on_new_connection: [{object_key: envoy.tcp_proxy.cluster, format_string: {text_format_source: {inline_string: secure}}}] | 0
            sni_cluster.v3.SniCluster | 0
            sni_dynamic_forward_proxy.v3.FilterConfig, dns_cache_config: {name: d} | 0
            mongo_proxy.v3.MongoProxy, stat_prefix: s | 1
            """)
    void tcp_filterThatLeadsElsewhere_leavesNothingAllowed(String filter, int clusters) {
        assertThat(decode("filter_chains: [{filters: [" + TYPE + "network." + filter + "}}, TCP(x)]}]")
                        .tcp()
                        .get(0)
                        .clusters())
                .hasSize(clusters);
    }

    @Test
    void tcp_httpThatCannotBeUsed_staysInTheWay() {
        Listener listener = decode("filter_chains: [{filters: [" + TYPE
                + "network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s, scoped_routes: {name: s,"
                + " scope_key_builder: {fragments: [{header_value_extractor: {name: x, index: 0}}]},"
                + " rds_config_source: {ads: {}}, scoped_rds: {scoped_rds_config_source: {ads: {}}}}}}]}],"
                + " default_filter_chain: {filters: [TCP(x)]}");

        assertThat(listener.http()).isNull();
        assertThat(listener.tcp()).extracting(Listener.TcpChain::clusters).containsExactly(List.of(), List.of("x"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            none                 | none                              | 1
            none                 | http.grpc_stats.v3.FilterConfig   | 1
            none                 | http.rbac.v3.RBAC                 | 0
            none                 | http.ext_authz.v3.ExtAuthz        | 0
            none                 | http.lua.v3.Lua                   | 0
            network.rbac.v3.RBAC, stat_prefix: s | none              | 0
            """)
    void egress_ofAChainWithAFilterThatMayRefuse_isNone(
            @Nullable String networkFilter, @Nullable String httpFilter, int expected) {
        Listener listener = decode("use_original_dst: true, filter_chains: [{filters: ["
                + (networkFilter == null ? "" : TYPE + networkFilter + "}}, ")
                + TYPE + "network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s,"
                + " route_config: {name: in, virtual_hosts: [{name: v, domains: ['*']}]}, http_filters: ["
                + (httpFilter == null ? "" : TYPE + httpFilter + "}}, ")
                + TYPE + "http.router.v3.Router}}]}}]}]");

        assertThat(listener.egress()).hasSize(expected);
        assertThat(listener.http()).isNotNull();
    }

    @Test
    void originalDestination_eitherForm_isSeen() {
        assertThat(decode("use_original_dst: true, filter_chains: [{filters: [TCP(x)]}]")
                        .originalDestination())
                .isTrue();
        assertThat(decode("listener_filters: [" + TYPE
                                + "listener.original_dst.v3.OriginalDst}}], filter_chains: [{filters: [TCP(x)]}]")
                        .originalDestination())
                .isTrue();
        assertThat(decode("filter_chains: [{filters: [TCP(x)]}]").originalDestination())
                .isFalse();
    }

    @Test
    void status_listenerForTcp_saysThatItIsNotMeshed() {
        Accepted<DecodedListener> tcp =
                (Accepted<DecodedListener>) Yaml.listener(yaml("filter_chains: [{filters: [TCP(x)]}]"));
        Accepted<DecodedListener> outside = (Accepted<DecodedListener>)
                Yaml.listener(yaml("use_original_dst: true, filter_chains: [{filters: [TCP(x)]}]"));

        assertThat(tcp.unsupported())
                .containsExactly("filter_chains (none is for plain HTTP: connections of this listener are not meshed)");
        assertThat(outside.unsupported()).isEmpty();
    }

    @Test
    void matcherForChains_isNotSupported_leavesNoChain() {
        Listener listener = decode(
                "filter_chains: [{name: a, filters: [HTTP(a)]}], filter_chain_matcher: {on_no_match:"
                        + " {action: {name: a, typed_config: {\"@type\": type.googleapis.com/google.protobuf.StringValue, value: a}}}}");

        assertThat(listener.unusable()).startsWith("filter_chain_matcher: ");
        assertThat(listener.tcp()).isEmpty();
    }
}
