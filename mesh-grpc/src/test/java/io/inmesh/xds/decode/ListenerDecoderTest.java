package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.ClientRules;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderMutationFilter;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundChain;
import io.inmesh.model.Listener;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenerDecoderTest {
    private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.filters.";
    private static final String ROUTER = "{name: router, typed_config: {" + TYPE + "http.router.v3.Router}}";

    private static String manager(String rest, String filters) {
        return "{name: hcm, typed_config: {" + TYPE
                + "network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s, " + rest
                + ", http_filters: [" + filters + "]}}";
    }

    private static final String RDS = "rds: {route_config_name: r, config_source: {ads: {}}}";

    private static String outbound(String networkFilters) {
        return "{address: {socket_address: {address: 0.0.0.0, port_value: 80}}, filter_chains: [{filters: ["
                + networkFilters + "]}]}";
    }

    private static HttpConnectionManager http(String networkFilters) {
        return Objects.requireNonNull(Yaml.accepted(Yaml.listener(outbound(networkFilters)))
                .listener()
                .http());
    }

    private static List<HttpFilterConfig> filters(String filters) {
        return http(manager(RDS, filters)).filters();
    }

    @Test
    void decode_additionalAddresses_areThoseOfBothSides() {
        String yaml = outbound(manager(RDS, ROUTER))
                .replaceFirst(
                        "\\{address:",
                        "{additional_addresses: [{address: {socket_address: {address: \"::\", port_value: 81}}},"
                                + " {address: {pipe: {path: /run/x}}}], address:");
        Decoded.Accepted<DecodedListener> decoded = (Decoded.Accepted<DecodedListener>) Yaml.listener(yaml);

        assertThat(decoded.value().listener().additional()).containsExactly(new AdditionalAddress("::", 81));
        assertThat(Objects.requireNonNull(decoded.value().inbound()).additional())
                .containsExactly(new AdditionalAddress("::", 81));
        assertThat(decoded.unsupported())
                .containsExactly("additional_addresses[1].address (the address is left out: it has no IP address)");
    }

    @Test
    void decode_outboundListener_hasEnvoysDefaults() {
        assertThat(Yaml.accepted(Yaml.listener(outbound(manager(RDS, ROUTER)))).listener())
                .isEqualTo(new Listener(
                        "l",
                        "0.0.0.0",
                        80,
                        new HttpConnectionManager(
                                "s",
                                "r",
                                List.of(new HttpFilterConfig("router", new FilterConfig.Router(), false)),
                                Duration.ofMinutes(5),
                                null),
                        null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            {}                                                   | PT1H  | none
            {idle_timeout: 0s}                                   | none  | none
            {idle_timeout: 20s, max_connection_duration: 60s}    | PT20S | PT1M
            {max_connection_duration: 0s}                        | PT1H  | none
            """)
    void decode_limitsOfAConnection_areEnvoys(String options, @Nullable Duration idle, @Nullable Duration longest) {
        ClientRules rules = http(manager(RDS + ", common_http_protocol_options: " + options, ROUTER))
                .client();

        assertThat(rules.idleTimeout()).isEqualTo(idle);
        assertThat(rules.maxConnectionDuration()).isEqualTo(longest);
    }

    @Test
    void decode_apiListener_hasNoAddress() {
        String api = "{\"@type\": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
                + "HttpConnectionManager, stat_prefix: s, " + RDS + ", http_filters: [" + ROUTER + "]}";

        Listener listener = Yaml.accepted(Yaml.listener("{api_listener: {api_listener: " + api + "}}"))
                .listener();

        assertThat(listener.address()).isNull();
        assertThat(listener.port()).isZero();
        assertThat(listener.http()).isNotNull();
    }

    /** gRPC asks for neither, and istiod's configuration for it has neither. */
    @Test
    void decode_withoutNamesThatNothingDependsOn_isTaken() {
        DecodedListener decoded = Yaml.accepted(Yaml.listener(outbound("{name: hcm, typed_config: {" + TYPE
                + "network.http_connection_manager.v3.HttpConnectionManager, route_config: {name: in, virtual_hosts:"
                + " [{domains: ['*']}]}, http_filters: [" + ROUTER + "]}}")));

        assertThat(decoded.listener().unusable()).isNull();
        assertThat(decoded.inbound()).isNotNull();
        assertThat(Objects.requireNonNull(decoded.routes()).virtualHosts()).hasSize(1);
    }

    @Test
    void decode_inlineRoutes_areFiledUnderANameOfTheirOwn() {
        DecodedListener decoded = Yaml.accepted(Yaml.listener(
                outbound(manager("route_config: {name: in, virtual_hosts: [{name: v, domains: ['*']}]}", ROUTER))));

        assertThat(Objects.requireNonNull(decoded.routes()).name()).isEqualTo("listener l/in");
        assertThat(Objects.requireNonNull(decoded.listener().http()).routeTable())
                .isEqualTo("listener l/in");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {traffic_direction: INBOUND}                                             | traffic_direction: INBOUND, and no call goes through it
            {filter_chains: [{filters: [{name: tcp}]}]}                              | no filter chain has an HTTP connection manager for plain HTTP: connections of this listener are not meshed
            {filter_chains: [{filter_chain_match: {transport_protocol: tls}, filters: [HCM]}]} | no filter chain has an HTTP connection manager for plain HTTP: connections of this listener are not meshed
            {filter_chains: [{filters: [{name: rbac}, HCM]}]}                        | filter_chains[0].filters[0]: the network filter "rbac" is not supported, and may decide who may do what
            """)
    void decode_listenerThatAClientCannotUse_saysWhy(String yaml, String expected) {
        String listener = yaml.replace("HCM", manager(RDS, ROUTER));

        assertThat(Yaml.accepted(Yaml.listener(listener)).listener().unusable()).isEqualTo(expected);
    }

    @Test
    void decode_routerThatIsNotLast_isRejected() {
        String mutation = "{name: m, typed_config: {" + TYPE + "http.header_mutation.v3.HeaderMutation}}";

        assertThat(Yaml.reason(Yaml.listener(outbound(manager(RDS, ROUTER + "," + mutation)))))
                .isEqualTo("Listener \"l\": filter_chains[0].filters[0].typed_config.http_filters[0]:"
                        + " the router must be the last filter of the chain");
        assertThat(Yaml.reason(Yaml.listener(outbound(manager(RDS, mutation)))))
                .endsWith("the last filter of the chain must be the router");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http.rbac.v3.RBACPerRoute               | false | REFUSED
            http.rbac.v3.RBACPerRoute               | true  | REFUSED
            http.jwt_authn.v3.PerRouteConfig        | true  | REFUSED
            http.ext_authz.v3.ExtAuthz              | false | REFUSED
            http.local_ratelimit.v3.LocalRateLimit, stat_prefix: x | false | REFUSED
            http.lua.v3.Lua                         | false | REFUSED
            http.lua.v3.Lua                         | true  | SKIPPED
            http.cors.v3.Cors                       | false | SKIPPED
            http.fault.v3.HTTPFault                 | false | SKIPPED
            http.grpc_stats.v3.FilterConfig         | false | SKIPPED
            """)
    void decode_filtersThatAreNotHere_areRefusedUnlessNothingIsLost(String type, boolean optional, String expected) {
        FilterConfig config = filters(
                        "{name: f, is_optional: " + optional + ", typed_config: {" + TYPE + type + "}}, " + ROUTER)
                .get(0)
                .config();

        FilterConfig otherwise = ((FilterConfig.Unrecognized) config).otherwise();
        assertThat(otherwise)
                .isInstanceOf(expected.equals("REFUSED") ? FilterConfig.Refused.class : FilterConfig.Skipped.class);
    }

    /** As kuma-cp has faults for some callers. Whether a matcher switches a filter on is not known here. */
    @ParameterizedTest
    @CsvSource({"fault.v3.HTTPFault, SKIPPED", "rbac.v3.RBAC, REFUSED"})
    void decode_filterUnderAMatcher_isPassedOverOnlyIfItProtectsNothing(String type, String expected) {
        String matched = "'@type': type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher,"
                + " extension_config: {name: inner, typed_config: {" + TYPE + "http." + type + "}}";
        DecodedListener decoded = Yaml.accepted(
                Yaml.listener(outbound(manager(RDS, "{name: f, typed_config: {" + matched + "}}, " + ROUTER))));

        HttpConnectionManager server =
                Objects.requireNonNull(decoded.inbound()).chains().get(0).http();
        FilterConfig config = Objects.requireNonNull(server).filters().get(0).config();
        FilterConfig effect =
                config instanceof FilterConfig.Unrecognized unrecognized ? unrecognized.otherwise() : config;
        assertThat(effect)
                .isInstanceOf(expected.equals("REFUSED") ? FilterConfig.Refused.class : FilterConfig.Skipped.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "buffer.v3.Buffer",
                "header_to_metadata.v3.Config",
                "set_metadata.v3.Config",
                "admission_control.v3.AdmissionControl",
                "adaptive_concurrency.v3.AdaptiveConcurrency",
                "bandwidth_limit.v3.BandwidthLimit"
            })
    void decode_filterThatDecidesAtAServer_isRefusedThereAndPassedOverByClients(String type) {
        String filter = "{name: f, typed_config: {" + TYPE + "http." + type + "}}, ";
        DecodedListener decoded = Yaml.accepted(Yaml.listener(outbound(manager(RDS, filter + ROUTER))));

        InboundChain chain = Objects.requireNonNull(decoded.inbound()).chains().get(0);
        assertThat(first(decoded.listener().http())).isInstanceOf(FilterConfig.Skipped.class);
        assertThat(first(chain.http())).isInstanceOf(FilterConfig.Refused.class);
    }

    private static FilterConfig first(@Nullable HttpConnectionManager http) {
        FilterConfig config = Objects.requireNonNull(http).filters().get(0).config();
        return ((FilterConfig.Unrecognized) config).otherwise();
    }

    @Test
    void decode_typeThatNobodyKnows_isHandedOnAsItCame() {
        var any = com.google.protobuf.Any.newBuilder()
                .setTypeUrl("type.googleapis.com/acme.Greeting")
                .setValue(com.google.protobuf.ByteString.copyFromUtf8("not a message"))
                .build();
        var manager = io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter.newBuilder()
                .setName("acme")
                .setTypedConfig(any)
                .build();

        FilterConfig config =
                FilterDecoder.chain(List.of(manager), "", new Notes()).get(0).config();

        assertThat(((FilterConfig.Unrecognized) config).raw().typeUrl()).isEqualTo("type.googleapis.com/acme.Greeting");
        assertThat(((FilterConfig.Unrecognized) config).raw().bytes().remaining())
                .isEqualTo(13);
    }

    @Test
    void decode_typedStruct_isSeenAsWhatItStandsFor() {
        FilterConfig config = filters("{name: f, typed_config: {\"@type\": type.googleapis.com/xds.type.v3.TypedStruct,"
                        + " type_url: type.googleapis.com/acme.Greeting, value: {text: hello, times: 2}}}, " + ROUTER)
                .get(0)
                .config();

        var raw = ((FilterConfig.Unrecognized) config).raw();
        assertThat(raw.typeUrl()).isEqualTo("type.googleapis.com/acme.Greeting");
        assertThat(raw.struct()).isEqualTo(Map.of("text", "hello", "times", 2.0));
    }

    @Test
    void decode_headerMutation_givesItsEdits() {
        HeaderMutationFilter mutation = (HeaderMutationFilter) filters("{name: m, typed_config: {" + TYPE
                        + "http.header_mutation.v3.HeaderMutation, mutations: {request_mutations: [{remove: X-A},"
                        + " {append: {header: {key: X-B, value: b}}}]}}}, " + ROUTER)
                .get(0)
                .config();

        assertThat(mutation.request()).hasSize(2).first().isEqualTo(new HeaderEdit.Remove("x-a"));
    }

    @Test
    void decode_filtersOfARoute_turnOffOnAndConfigure() {
        String table = "virtual_hosts: [{name: v, domains: ['*'], typed_per_filter_config: {"
                + "off: {\"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true},"
                + "own: {" + TYPE + "http.header_mutation.v3.HeaderMutationPerRoute},"
                + "wrapped: {\"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, config: {" + TYPE
                + "http.cors.v3.CorsPolicy}}}}]";

        Map<String, FilterOverride> overrides =
                Yaml.accepted(Yaml.routes(table)).virtualHosts().get(0).rules().filters();

        assertThat(overrides.get("off")).isEqualTo(new FilterOverride(null, true));
        assertThat(Objects.requireNonNull(overrides.get("own")).config()).isInstanceOf(HeaderMutationFilter.class);
        assertThat(Objects.requireNonNull(overrides.get("own")).disabled()).isFalse();
        assertThat(Objects.requireNonNull(overrides.get("wrapped")).config())
                .isInstanceOf(FilterConfig.Unrecognized.class);
    }
}
