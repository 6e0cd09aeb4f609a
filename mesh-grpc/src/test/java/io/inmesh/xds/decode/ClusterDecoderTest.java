package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.Cluster.DnsLookup;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Policy;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.model.Cluster.RetryBudget;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.TransportSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterDecoderTest {
    private static final String HTTP =
            "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {"
                    + "\"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, ";
    private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.";

    private static Cluster cluster(String yaml) {
        return Yaml.accepted(Yaml.cluster(yaml)).cluster();
    }

    @Test
    void decode_nothingSet_hasEnvoysDefaults() {
        assertThat(cluster("{}"))
                .isEqualTo(new Cluster(
                        "c",
                        new Discovery.Static(),
                        Balancing.DEFAULT,
                        Duration.ofSeconds(5),
                        Thresholds.DEFAULT,
                        Thresholds.DEFAULT,
                        HttpOptions.DEFAULT,
                        1024 * 1024,
                        Map.of(),
                        null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {type: EDS}                                                       | Cluster "c": eds_cluster_config.eds_config: is required of a cluster of type EDS
            {connect_timeout: 0s}                                             | Cluster "c": connect_timeout: must be above 0s
            {connect_timeout: -1s}                                            | Cluster "c": connect_timeout: must be above 0s
            {least_request_lb_config: {choice_count: 1}}                      | Cluster "c": least_request_lb_config.choice_count: must be at least 2, is 1
            {common_lb_config: {healthy_panic_threshold: {value: 101}}}       | Cluster "c": common_lb_config.healthy_panic_threshold.value: must be at most 100, is 101
            {dns_refresh_rate: 0.0005s}                                       | Cluster "c": dns_refresh_rate: must be above 0.001s
            {type: STRICT_DNS, dns_failure_refresh_rate: {max_interval: 1s}}  | Cluster "c": dns_failure_refresh_rate.base_interval: is required
            {type: LOGICAL_DNS}                                               | Cluster "c": load_assignment: LOGICAL_DNS clusters must have a single locality with a single endpoint
            {load_assignment: {}}                                             | Cluster "c": load_assignment.cluster_name: must not be empty
            {http2_protocol_options: {max_concurrent_streams: 0}}             | Cluster "c": http2_protocol_options.max_concurrent_streams: must be at least 1, is 0
            {transport_socket: {name: ""}}                                    | Cluster "c": transport_socket.name: must not be empty
            {common_http_protocol_options: {idle_timeout: -1s}}               | Cluster "c": common_http_protocol_options.idle_timeout: must not be negative
            """)
    void decode_whatEnvoyRefuses_isRejectedByField(String yaml, String expected) {
        assertThat(Yaml.reason(Yaml.cluster(yaml))).isEqualTo(expected);
    }

    @Test
    void decode_circuitBreakers_areTakenByPriorityAndUnsigned() {
        Cluster cluster = cluster("""
                circuit_breakers:
                  thresholds:
                  - {max_connections: 4294967295, max_pending_requests: 0, max_retries: 7}
                  - {priority: HIGH, max_requests: 5, retry_budget: {}}
                  - {priority: HIGH, max_requests: 6}
                """);

        assertThat(cluster.defaultThresholds()).isEqualTo(new Thresholds(Integer.MAX_VALUE, 0, 1024, 7, null));
        assertThat(cluster.highThresholds()).isEqualTo(new Thresholds(1024, 1024, 5, 3, new RetryBudget(20, 3)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                    | HTTP_1     | 1024
            {http2_protocol_options: {max_concurrent_streams: 7}}                 | HTTP_2     | 7
            {protocol_selection: USE_DOWNSTREAM_PROTOCOL}                         | AS_CALLER  | 1024
            {HTTP explicit_http_config: {http_protocol_options: {}}}}}            | HTTP_1     | 1024
            {HTTP explicit_http_config: {http2_protocol_options: {}}}}}           | HTTP_2     | 1024
            {HTTP use_downstream_protocol_config: {}}}}                           | AS_CALLER  | 1024
            """)
    void decode_protocolOptionsOldAndNew_giveTheVersion(String yaml, HttpVersion version, int streams) {
        HttpOptions http = cluster(yaml.replace("HTTP ", HTTP)).http();

        assertThat(http.version()).isEqualTo(version);
        assertThat(http.maxConcurrentStreams()).isEqualTo(streams);
    }

    @Test
    void decode_connectionLimits_zeroMeansNone() {
        HttpOptions http = cluster("{" + HTTP
                        + "explicit_http_config: {http_protocol_options: {}}, common_http_protocol_options:"
                        + " {idle_timeout: 0s, max_connection_duration: 30s, max_requests_per_connection: 9,"
                        + " max_response_headers_kb: 80}}}}")
                .http();

        assertThat(http).isEqualTo(new HttpOptions(HttpVersion.HTTP_1, null, Duration.ofSeconds(30), 9, 1024, 80));
        assertThat(cluster("{max_requests_per_connection: 4}").http().maxRequestsPerConnection())
                .isEqualTo(4);
    }

    @Test
    void decode_autoConfigWithoutAlpn_isRejectedAsInEnvoy() {
        assertThat(Yaml.reason(Yaml.cluster("{" + HTTP + "auto_config: {}}}}")))
                .endsWith("auto_config: needs a transport socket that negotiates by ALPN");
    }

    @Test
    void decode_lbPolicies_giveTheBalancer() {
        assertThat(cluster("{lb_policy: RANDOM}").balancing().policy()).isEqualTo(new Policy.Random());
        assertThat(cluster("{lb_policy: LEAST_REQUEST}").balancing().policy())
                .isEqualTo(new Policy.LeastRequest(2, 1.0));
        assertThat(cluster("{lb_policy: LEAST_REQUEST, least_request_lb_config: {choice_count: 5,"
                                + " active_request_bias: {default_value: 0, runtime_key: x}}}")
                        .balancing()
                        .policy())
                .isEqualTo(new Policy.LeastRequest(5, 0));
        assertThat(cluster("{common_lb_config: {healthy_panic_threshold: {}, locality_weighted_lb_config: {}}}")
                        .balancing())
                .isEqualTo(new Balancing(new Policy.RoundRobin(), 0, false, true, null));
    }

    @Test
    void decode_lbPolicyThatIsNotThere_isRoundRobinAndShown() {
        Decoded.Accepted<DecodedCluster> decoded =
                (Decoded.Accepted<DecodedCluster>) Yaml.cluster("{lb_policy: MAGLEV, maglev_lb_config: {}}");

        assertThat(decoded.value().cluster().balancing().policy()).isEqualTo(new Policy.RoundRobin());
        assertThat(decoded.unsupported())
                .containsExactly("maglev_lb_config", "lb_policy (MAGLEV: hosts are chosen by ROUND_ROBIN instead)");
    }

    @Test
    void decode_loadBalancingPolicyList_firstKnownOneWins() {
        String yaml = """
                lb_policy: RANDOM
                load_balancing_policy:
                  policies:
                  - typed_extension_config: {name: own, typed_config: {TYPE%s}}
                  - typed_extension_config: {name: lr, typed_config: {TYPE%s}}
                  - typed_extension_config: {name: rr, typed_config: {TYPE%s}}
                """.formatted(
                        "load_balancing_policies.ring_hash.v3.RingHash",
                        "load_balancing_policies.least_request.v3.LeastRequest, choice_count: 3",
                        "load_balancing_policies.round_robin.v3.RoundRobin")
                .replace("TYPE", TYPE);

        Decoded.Accepted<DecodedCluster> decoded = (Decoded.Accepted<DecodedCluster>) Yaml.cluster(yaml);

        assertThat(decoded.value().cluster().balancing().policy()).isEqualTo(new Policy.LeastRequest(3, 1.0));
        assertThat(decoded.unsupported()).anyMatch(path -> path.contains("policies[0]"));
    }

    @Test
    void decode_wrrLocality_weighsLocalitiesAndPicksByItsInnerPolicy() {
        Balancing balancing = cluster("""
                        load_balancing_policy:
                          policies:
                          - typed_extension_config:
                              name: wrr
                              typed_config:
                                TYPEload_balancing_policies.wrr_locality.v3.WrrLocality
                                endpoint_picking_policy:
                                  policies:
                                  - typed_extension_config:
                                      name: random
                                      typed_config: {TYPEload_balancing_policies.random.v3.Random}
                        """.replace("TYPE", TYPE)).balancing();

        assertThat(balancing.localityWeighted()).isTrue();
        assertThat(balancing.policy()).isEqualTo(new Policy.Random());
    }

    @Test
    void decode_transportSockets_areEachByItself() {
        Cluster cluster = cluster(TlsYaml.expand("""
                {transport_socket: UPSTREAM[sni: a]~, transport_socket_matches: [
                {name: mtls, match: {tlsMode: istio, level: 2}, transport_socket: UPSTREAM[sni: b]~},
                {name: tap, match: {tap: true}, transport_socket: {name: envoy.transport_sockets.tap, typed_config:
                {"@type": type.googleapis.com/google.protobuf.Struct, value: {}}}},
                {name: nothing, match: {none: true}},
                {name: plain, transport_socket: RAW}]}"""));

        assertThat(cluster.unusable()).isNull();
        assertThat(sni(cluster.transport())).isEqualTo("a");
        assertThat(cluster.transportMatches())
                .extracting(TransportSocket.Match::name)
                .containsExactly("mtls", "tap", "nothing", "plain");
        assertThat(cluster.transportMatches().get(0).criteria()).isEqualTo(Map.of("tlsMode", "istio", "level", 2.0));
        assertThat(sni(cluster.transportMatches().get(0).socket())).isEqualTo("b");
        assertThat(cluster.transportMatches().get(1).socket())
                .isEqualTo(
                        new TransportSocket.Unusable(
                                "transport_socket_matches[1].transport_socket:"
                                        + " \"envoy.transport_sockets.tap\" is not supported, and nothing is sent in the clear in its place"));
        assertThat(cluster.transportMatches().get(2).socket()).isInstanceOf(TransportSocket.Unusable.class);
        assertThat(cluster.transportMatches().get(3))
                .isEqualTo(new TransportSocket.Match("plain", Map.of(), new TransportSocket.Plaintext()));
    }

    private static String sni(TransportSocket socket) {
        return ((TransportSocket.Tls) socket).settings().sni();
    }

    @Test
    void decode_transportSocketWithoutAConfiguration_isNotPlain() {
        assertThat(cluster("transport_socket: {name: envoy.transport_sockets.raw_buffer}")
                        .transport())
                .isInstanceOf(TransportSocket.Unusable.class);
        assertThat(cluster("{}").transport()).isEqualTo(new TransportSocket.Plaintext());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {upstream_http_protocol_options: {auto_sni: true, auto_san_validation: true, override_auto_sni_header: X-Host}}                    | true  | true  | x-host
            {HTTP explicit_http_config: {http_protocol_options: {}}, upstream_http_protocol_options: {auto_sni: true}}}}                       | true  | false | ''
            {HTTP explicit_http_config: {http_protocol_options: {}}}}, upstream_http_protocol_options: {auto_sni: true}}                       | false | false | ''
            """)
    void decode_serverNameByTheRequest_isTaken(String yaml, boolean sni, boolean san, String header) {
        assertThat(cluster(yaml.replace("HTTP ", HTTP)).http().requestSni())
                .isEqualTo(new RequestSni(sni, san, header));
    }

    @Test
    void decode_autoConfig_needsAlpnOfEachSocket() {
        String auto = HTTP + "auto_config: {}}}, ";

        assertThat(cluster(TlsYaml.expand("{" + auto + "transport_socket: UPSTREAM[sni: a]~}"))
                        .http()
                        .version())
                .isEqualTo(HttpVersion.ALPN);
        assertThat(Yaml.reason(Yaml.cluster(TlsYaml.expand("{" + auto + "transport_socket: UPSTREAM[sni: a]~,"
                        + " transport_socket_matches: [{name: plain, transport_socket: RAW}]}"))))
                .endsWith("auto_config: needs a transport socket that negotiates by ALPN");
        assertThat(Yaml.reason(Yaml.cluster(TlsYaml.expand(
                        "{" + auto + "transport_socket_matches: [{name: tls, transport_socket: UPSTREAM[sni: a]~}]}"))))
                .endsWith("auto_config: needs a transport socket that negotiates by ALPN");
    }

    @Test
    void decode_discoveryTypes_giveTheirKind() {
        assertThat(cluster("{type: EDS, eds_cluster_config: {eds_config: {ads: {}}}}")
                        .discovery())
                .isEqualTo(new Discovery.Eds("c"));
        assertThat(cluster("{type: EDS, eds_cluster_config: {service_name: s, eds_config: {ads: {}}}}")
                        .discovery())
                .isEqualTo(new Discovery.Eds("s"));
        assertThat(cluster("{type: STRICT_DNS}").discovery()).isEqualTo(new Discovery.StrictDns(DnsLookup.DEFAULT));
        assertThat(cluster("{type: STRICT_DNS, dns_refresh_rate: 60s, dns_failure_refresh_rate: {base_interval: 1s},"
                                + " dns_lookup_family: V4_PREFERRED, respect_dns_ttl: true}")
                        .discovery())
                .isEqualTo(new Discovery.StrictDns(new DnsLookup(
                        DnsFamily.V4_PREFERRED,
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        true)));
        assertThat(cluster("{cluster_type: {name: dns, typed_config: {TYPEclusters.dns.v3.DnsCluster}}}"
                                .replace("TYPE", TYPE))
                        .discovery())
                .isEqualTo(new Discovery.StrictDns(DnsLookup.DEFAULT));
        assertThat(cluster("{cluster_type: {name: envoy.clusters.redis}}").unusable())
                .isEqualTo("cluster_type: \"envoy.clusters.redis\" is not supported");
    }

    @Test
    void decode_staticEndpoints_comeAlong() {
        DecodedCluster decoded = Yaml.accepted(Yaml.cluster("""
                load_assignment:
                  cluster_name: c
                  endpoints:
                  - lb_endpoints:
                    - endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 80}}}
                    - endpoint: {address: {socket_address: {address: 10.0.0.1, port_value: 80}}}
                """));

        assertThat(decoded.endpoints()).isNotNull();
        assertThat(java.util.Objects.requireNonNull(decoded.endpoints()).size()).isEqualTo(2);
    }

    @Test
    void decode_nameOtherThanTheEnvelopes_isRejected() {
        var other = io.envoyproxy.envoy.config.cluster.v3.Cluster.newBuilder()
                .setName("other")
                .build();

        assertThat(Yaml.reason(ResourceDecoder.cluster("c", com.google.protobuf.Any.pack(other))))
                .isEqualTo("Cluster \"c\": name: is \"other\" in a resource of another name");
    }

    @Test
    void decode_fieldThatOnlyANewerEnvoyKnows_isShownByNumber() {
        var newer = io.envoyproxy.envoy.config.cluster.v3.Cluster.newBuilder()
                .setName("c")
                .setUnknownFields(com.google.protobuf.UnknownFieldSet.newBuilder()
                        .addField(
                                4711,
                                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                                        .addVarint(1)
                                        .build())
                        .build())
                .build();

        var decoded =
                (Decoded.Accepted<DecodedCluster>) ResourceDecoder.cluster("c", com.google.protobuf.Any.pack(newer));

        assertThat(decoded.unsupported()).containsExactly("#4711");
    }

    /** {@code Cluster.transport_socket_matcher} of Envoy 1.40: it chooses the TLS, which must not be lost. */
    @Test
    void decode_fieldThatChoosesTheTlsAndIsNotKnown_makesTheClusterUnusable() {
        io.envoyproxy.envoy.config.cluster.v3.Cluster newer = io.envoyproxy.envoy.config.cluster.v3.Cluster.newBuilder()
                .setName("c")
                .setUnknownFields(Yaml.unknownField(59))
                .build();
        assertThat(Yaml.accepted(ResourceDecoder.cluster("c", com.google.protobuf.Any.pack(newer)))
                        .cluster()
                        .unusable())
                .startsWith("transport_socket_matcher: is not supported");
    }
}
