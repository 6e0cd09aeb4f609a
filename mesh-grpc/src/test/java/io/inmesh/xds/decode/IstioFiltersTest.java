package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.filter.FilterChain;
import io.inmesh.filter.FilterFactories;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundChain;
import io.inmesh.model.RawFilterConfig;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What exists in Istio's build of Envoy only: which of it a server may pass over, and that whatever is not on the list lets nothing through. */
class IstioFiltersTest {
    private static final String TYPE = "\"@type\": type.googleapis.com/";
    private static final String ROUTER =
            "{name: router, typed_config: {" + TYPE + "envoy.extensions.filters.http.router.v3.Router}}";

    private static String struct(String type, String value) {
        return "{" + TYPE + "udpa.type.v1.TypedStruct, type_url: type.googleapis.com/" + type + ", value: " + value
                + "}";
    }

    private static String manager(String filter) {
        return "{name: hcm, typed_config: {" + TYPE
                + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s,"
                + " route_config: {name: r, virtual_hosts: [{name: v, domains: ['*'], routes: [{match: {prefix: /},"
                + " route: {cluster: c}}]}]}, http_filters: [" + filter + ROUTER + "]}}";
    }

    private static Decoded<DecodedListener> server(String networkFilters, String listenerFilters) {
        return Yaml.listener("{traffic_direction: INBOUND, address: {socket_address: {address: 0.0.0.0, port_value:"
                + " 15006}}, listener_filters: [" + listenerFilters + "], filter_chains: [{filters: [" + networkFilters
                + "]}]}");
    }

    private static InboundChain chain(Decoded<DecodedListener> decoded) {
        return Objects.requireNonNull(Yaml.accepted(decoded).inbound()).chains().get(0);
    }

    private static List<HttpFilterConfig> filters(String config) {
        String filter = "{name: istio, typed_config: " + config + "}, ";
        return Objects.requireNonNull(chain(server(manager(filter), "")).http()).filters();
    }

    /** Why a server without a factory for it would refuse every request; null if it serves. */
    private static @Nullable String refusal(String config) {
        return FilterChain.compile(filters(config), FilterFactories.builtIn()).refusal();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "served", textBlock = """
            stats.PluginConfig                                             | served
            io.istio.http.peer_metadata.Config                             | served
            io.istio.http.connect_baggage.Config                           | served
            io.istio.http.connect_authority.Config                         | the destination inside of a tunnel by io.istio.http.connect_authority.Config is not supported
            istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig     | authentication of Istio 1.9 and before by istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig is not supported
            istio.envoy.config.filter.http.misdirected_request.v1alpha1.FilterConfig | the refusal of requests for another server name by istio.envoy.config.filter.http.misdirected_request.v1alpha1.FilterConfig is not supported
            istio.envoy.config.filter.http.of.tomorrow.v1.FilterConfig     | this data plane does not know the HTTP filter istio.envoy.config.filter.http.of.tomorrow.v1.FilterConfig
            envoy.extensions.filters.http.wasm.v3.Wasm                     | this data plane does not know the HTTP filter envoy.extensions.filters.http.wasm.v3.Wasm
            """)
    void httpFilter_ofIstiosEnvoy_isOnTheListOrRefused(String type, @Nullable String reason) {
        assertThat(refusal(struct(type, "{}"))).isEqualTo(reason == null ? null : "HTTP filter \"istio\": " + reason);
    }

    /** What it would be is not known, so that it may be what decides. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void httpFilter_byEcds_isRefusedAtAServer(boolean optional) {
        String filter = "{name: ext-rbac, is_optional: " + optional + ", config_discovery: {config_source: {ads: {}},"
                + " type_urls: [type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC]}}, ";
        List<HttpFilterConfig> filters = Objects.requireNonNull(
                        chain(server(manager(filter), "")).http())
                .filters();
        assertThat(FilterChain.compile(filters, FilterFactories.builtIn()).refusal())
                .contains("\"ext-rbac\"", "ECDS, which is not supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "original_ip_detection_extensions: [{name: x, typed_config: {\"@type\": type.googleapis.com/google.protobuf.Empty}}]",
                "early_header_mutation_extensions: [{name: x, typed_config: {\"@type\": type.googleapis.com/google.protobuf.Empty}}]",
                "path_normalization_options: {http_filter_transformation: {}}"
            })
    void field_thatDecidesWhatPoliciesSee_refusesTheChainOfAServer(String field) {
        String manager = manager("").replace("stat_prefix: s", "stat_prefix: s, " + field);
        assertThat(chain(server(manager, "")).unusable())
                .endsWith(field.substring(0, field.indexOf(':'))
                        + ": is not supported, and decides what policies see of a request");
    }

    /** The messages that this is compiled against do not have it yet. */
    @Test
    void forwardClientCertMatcher_refusesTheChainOfAServer() {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setRouteConfig(RouteConfiguration.newBuilder().setName("r"))
                .addHttpFilters(
                        HttpFilter.newBuilder().setName("router").setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                60,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.EMPTY)
                                        .build())
                        .build())
                .build();
        Refusal refusal = new Refusal();
        ConnectionManagerDecoder.atServer(Any.pack(manager), "hcm", "", new Notes(), refusal);
        assertThat(refusal.reason())
                .isEqualTo(
                        "hcm.forward_client_cert_matcher: is not supported, and decides what policies see of a request");
    }

    @Test
    void httpFilter_passedOver_saysWhyThatIsHarmless() {
        assertThat(filters(struct("io.istio.http.connect_baggage.Config", "{}"))
                        .get(0)
                        .config())
                .isInstanceOfSatisfying(FilterConfig.Unrecognized.class, filter -> assertThat(filter.otherwise())
                        .isEqualTo(new FilterConfig.Skipped(
                                "type.googleapis.com/io.istio.http.connect_baggage.Config",
                                "reads the labels of a tunnel's client, for telemetry")));
    }

    /** Metrics that operators look at are gone: for requests and for connections. */
    @Test
    void stats_ofRequestsAndConnections_arePassedOverAndShown() {
        String filter = "{name: istio.stats, typed_config: " + struct("stats.PluginConfig", "{}") + "}, ";

        for (Decoded<DecodedListener> decoded :
                List.of(server(filter + manager(filter), ""), client(filter + manager(filter)))) {
            assertThat(((Decoded.Accepted<?>) decoded).unsupported())
                    .filteredOn(
                            shown -> shown.endsWith("(stats.PluginConfig: Istio's standard metrics are not counted)"))
                    .hasSize(2);
        }
        assertThat(refusal(struct("stats.PluginConfig", "{}"))).isNull();
    }

    private static Decoded<DecodedListener> client(String networkFilters) {
        return Yaml.listener("{traffic_direction: OUTBOUND, address: {socket_address: {address: 0.0.0.0, port_value:"
                + " 80}}, filter_chains: [{filters: [" + networkFilters + "]}]}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "served", textBlock = """
            envoy.tcp.metadataexchange.config.MetadataExchange   | served
            stats.PluginConfig                                   | served
            io.istio.network.authn.Config                        | not supported, and may decide who may do what
            io.istio.network.tlv_authn.Config                    | not supported, and may decide who may do what
            io.istio.tcp.sni_verifier.v1.Config                  | not supported, and may decide who may do what
            io.istio.tcp.tcp_cluster_rewrite.v1.Config           | not supported, and may decide who may do what
            io.istio.tcp.forward_downstream_sni.v1.Config        | not supported, and may decide who may do what
            envoy.extensions.network_filters.peer_metadata.Config | not supported, and may decide who may do what
            """)
    void networkFilter_ofIstiosEnvoy_isOnTheListOrRefused(String type, @Nullable String reason) {
        String filter = "{name: istio, typed_config: " + struct(type, "{}") + "}, ";

        String unusable = chain(server(filter + manager(""), "")).unusable();

        if (reason == null) {
            assertThat(unusable).isNull();
        } else {
            assertThat(unusable).endsWith("the network filter " + type + " is " + reason);
        }
    }

    @Test
    void listenerFilter_ofIstiosEnvoy_isRefused() {
        String filter =
                "{name: set_dst, typed_config: " + struct("istio.set_internal_dst_address.v1.Config", "{}") + "}";

        assertThat(Objects.requireNonNull(
                                Yaml.accepted(server(manager(""), filter)).inbound())
                        .unusable())
                .isEqualTo("listener_filters[0]: the listener filter \"set_dst\" is not supported, and may decide who"
                        + " the client is");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {upstream_discovery: [{istio_headers: {}}, {workload_discovery: {}}], upstream_propagation: [{istio_headers: {skip_external_clusters: true}}]} | ''
            {upstream_propagation: [{baggage: {}}, {istio_headers: {}}]}   | value.upstream_propagation[0].baggage
            {upstream_discovery: [{upstream_filter_state: {}}]}            | value.upstream_discovery[0].upstream_filter_state
            {downstream_discovery: [{baggage: {}}], shared_with_upstream: true} | value.downstream_discovery[0].baggage, value.shared_with_upstream
            {downstream_propagation: {}}                                   | value.downstream_propagation (is no list)
            """)
    void peerMetadata_whatHasNoEffect_isShown(String config, String expected) {
        String filter = "{name: mx, typed_config: " + struct("io.istio.http.peer_metadata.Config", config) + "}, ";

        List<String> shown = ((Decoded.Accepted<?>) server(manager(filter), "")).unsupported();

        assertThat(shown.stream()
                        .map(path -> path.replace(
                                "filter_chains[0].filters[0].typed_config.http_filters[0].typed_config.", ""))
                        .filter(path -> path.startsWith("value")))
                .containsExactlyElementsOf(expected.isEmpty() ? List.of() : List.of(expected.split(", ", -1)));
    }

    /** It comes in a struct; what comes otherwise is passed over, whoever has a factory for it. */
    @Test
    void peerMetadata_asAMessage_isPassedOverAndShown() {
        Notes notes = new Notes();

        assertThat(PeerMetadataFields.check(
                        new RawFilterConfig(PeerMetadataFields.TYPE, ByteBuffer.allocate(0), null),
                        "typed_config",
                        notes))
                .isFalse();
        assertThat(notes.unsupported())
                .containsExactly("typed_config (io.istio.http.peer_metadata.Config is read from a TypedStruct only)");
    }
}
