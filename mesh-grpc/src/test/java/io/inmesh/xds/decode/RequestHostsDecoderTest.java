package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.Discovery.DynamicForwardProxy;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.Cluster.RequestSni;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Clusters whose requests name their hosts. */
class RequestHostsDecoderTest {
    private static final String ORIGINAL = "type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED";
    private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.";

    private static Cluster cluster(String yaml) {
        return Yaml.accepted(Yaml.cluster(yaml)).cluster();
    }

    private static String proxy(String config) {
        return "{lb_policy: CLUSTER_PROVIDED, cluster_type: {name: any, typed_config: {" + TYPE
                + "clusters.dynamic_forward_proxy.v3.ClusterConfig" + config + "}}}";
    }

    static Stream<Arguments> discoveries() {
        OriginalDestination original = new OriginalDestination();
        return Stream.of(
                Arguments.of("{" + ORIGINAL + "}", original),
                Arguments.of(
                        "{" + ORIGINAL + ", cleanup_interval: 9223372035s}",
                        new OriginalDestination("", 0, Duration.ofSeconds(9223372035L))),
                Arguments.of(
                        "{" + ORIGINAL + ", original_dst_lb_config: {use_http_header: true}}",
                        new OriginalDestination("x-envoy-original-dst-host", 0, original.cleanup())),
                Arguments.of(
                        "{" + ORIGINAL + ", original_dst_lb_config: {use_http_header: true, http_header_name: X-To,"
                                + " upstream_port_override: 15008}}",
                        new OriginalDestination("x-to", 15008, original.cleanup())),
                Arguments.of(proxy(", dns_cache_config: {name: d}"), new DynamicForwardProxy()),
                Arguments.of(
                        proxy(", dns_cache_config: {name: d, dns_lookup_family: V4_ONLY, dns_refresh_rate: 30s,"
                                + " dns_query_timeout: 3s, host_ttl: 10s, max_hosts: 7}"),
                        new DynamicForwardProxy(
                                DnsFamily.V4_ONLY,
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(10),
                                7)),
                Arguments.of(
                        proxy(", dns_cache_config: {name: d, dns_failure_refresh_rate: {base_interval: 2s}}"),
                        proxy(Duration.ofSeconds(2))),
                Arguments.of(
                        proxy(", dns_cache_config: {name: d, disable_dns_refresh_on_failure: true}"),
                        proxy(Duration.ZERO)));
    }

    private static DynamicForwardProxy proxy(Duration failureRefresh) {
        DynamicForwardProxy defaults = new DynamicForwardProxy();
        return new DynamicForwardProxy(
                defaults.family(),
                defaults.refresh(),
                failureRefresh,
                defaults.queryTimeout(),
                defaults.hostTtl(),
                defaults.maxHosts());
    }

    @ParameterizedTest
    @MethodSource("discoveries")
    void decode_discovery_isTakenWithItsFields(String yaml, Discovery expected) {
        Decoded<DecodedCluster> decoded = Yaml.cluster(yaml);
        DecodedCluster accepted = Yaml.accepted(decoded);

        assertThat(accepted.cluster().discovery()).isEqualTo(expected);
        assertThat(accepted.cluster().unusable()).isNull();
        assertThat(Objects.requireNonNull(accepted.endpoints()).size()).isZero();
        assertThat(((Decoded.Accepted<?>) decoded).unsupported()).isEmpty();
    }

    @Test
    void decode_forwardProxy_verifiesTheNameOfEachRequestUnlessItSaysOtherwise() {
        assertThat(cluster(proxy("")).http().requestSni()).isEqualTo(new RequestSni(true, true, ""));
        String insecure = proxy(", allow_insecure_cluster_options: true")
                .replace("{lb_policy", "{upstream_http_protocol_options: {auto_sni: true}, lb_policy");
        assertThat(cluster(insecure).http().requestSni()).isEqualTo(new RequestSni(true, false, ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {type: ORIGINAL_DST}                                                   | lb_policy: must be CLUSTER_PROVIDED in a cluster of type ORIGINAL_DST
            {ORIGINAL, load_assignment: {cluster_name: c}}                         | load_assignment: must not be set in a cluster of type ORIGINAL_DST
            {ORIGINAL, original_dst_lb_config: {http_header_name: x}}              | original_dst_lb_config.http_header_name: needs use_http_header
            {ORIGINAL, original_dst_lb_config: {upstream_port_override: 65536}}    | original_dst_lb_config.upstream_port_override: must be at most 65535, is 65536
            """)
    void decode_whatEnvoyRefuses_isRejectedByField(String yaml, String expected) {
        assertThat(Yaml.reason(Yaml.cluster(yaml.replace("ORIGINAL,", ORIGINAL + ","))))
                .isEqualTo("Cluster \"c\": " + expected);
    }

    @Test
    void decode_forwardProxyThatVerifiesNothing_isRejected() {
        String yaml = proxy(", dns_cache_config: {name: d}")
                .replace("{lb_policy", "{upstream_http_protocol_options: {auto_sni: true}, lb_policy");
        assertThat(Yaml.reason(Yaml.cluster(yaml)))
                .isEqualTo("Cluster \"c\": cluster_type.typed_config: needs auto_sni and auto_san_validation, or"
                        + " allow_insecure_cluster_options");
    }

    @Test
    void decode_whatWouldLeadElsewhere_isNotUsable() {
        String metadata = "{" + ORIGINAL + ", original_dst_lb_config: {metadata_key: {key: envoy.original_dst,"
                + " path: [{key: local}]}}}";
        assertThat(cluster(metadata).unusable()).isEqualTo("original_dst_lb_config.metadata_key: is not supported");
        assertThat(cluster(proxy(", sub_clusters_config: {}")).unusable())
                .isEqualTo("cluster_type.typed_config.sub_clusters_config: is not supported");
    }

    @Test
    void decode_whatIsNotDone_isNoted() {
        String yaml = proxy(", dns_cache_config: {name: d, use_tcp_for_dns_lookups: true,"
                + " dns_cache_circuit_breaker: {max_pending_requests: 1}}");
        assertThat(((Decoded.Accepted<?>) Yaml.cluster(yaml)).unsupported())
                .isEqualTo(List.of(
                        "cluster_type.typed_config.dns_cache_config.dns_cache_circuit_breaker",
                        "cluster_type.typed_config.dns_cache_config.use_tcp_for_dns_lookups"));
    }
}
