package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.files.YamlMessages;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Envoy takes of clusters whose requests name their hosts is taken here, and what it refuses is refused. */
class RequestHostsConfigComparisonTest {
    private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            takes   | {type: ORIGINAL_DST, PROVIDED}
            refuses | {type: ORIGINAL_DST}
            refuses | {type: ORIGINAL_DST, lb_policy: LEAST_REQUEST}
            refuses | {type: ORIGINAL_DST, PROVIDED, load_assignment: {cluster_name: c}}
            takes   | {type: ORIGINAL_DST, PROVIDED, original_dst_lb_config: {use_http_header: true}}
            takes   | {type: ORIGINAL_DST, PROVIDED, original_dst_lb_config: {use_http_header: true, http_header_name: x-to}}
            refuses | {type: ORIGINAL_DST, PROVIDED, original_dst_lb_config: {http_header_name: x-to}}
            takes   | {type: ORIGINAL_DST, PROVIDED, original_dst_lb_config: {upstream_port_override: 65535}}
            refuses | {type: ORIGINAL_DST, PROVIDED, original_dst_lb_config: {upstream_port_override: 65536}}
            takes   | {PROVIDED, PROXY[DNS]}
            takes   | {PROVIDED, PROXY[DNS], upstream_http_protocol_options: {auto_sni: true, auto_san_validation: true}}
            refuses | {PROVIDED, PROXY[DNS], upstream_http_protocol_options: {auto_sni: true}}
            takes   | {PROVIDED, PROXY[DNS, allow_insecure_cluster_options: true], upstream_http_protocol_options: {auto_sni: true}}
            refuses | {PROVIDED, PROXY[DNS], HTTP[]}
            takes   | {PROVIDED, PROXY[DNS, allow_insecure_cluster_options: true], HTTP[]}
            takes   | {PROVIDED, PROXY[DNS], HTTP[, upstream_http_protocol_options: {auto_sni: true, auto_san_validation: true}]}
            refuses | {PROVIDED, PROXY[dns_cache_config: {}]}
            refuses | {PROVIDED, PROXY[dns_cache_config: {name: d, max_hosts: 0}]}
            refuses | {PROVIDED, PROXY[dns_cache_config: {name: d, host_ttl: 0s}]}
            refuses | {PROVIDED, PROXY[dns_cache_config: {name: d, dns_refresh_rate: 0s}]}
            takes   | {PROVIDED, PROXY[dns_cache_config: {name: d, dns_failure_refresh_rate: {base_interval: 2s, max_interval: 1s}}]}
            """)
    void cluster_asInEnvoy(String verdict, String cluster, @TempDir Path folder) throws Exception {
        Path binary = EnvoyProcess.binaryOrSkip();
        String yaml = cluster.replace("{PROVIDED", "{lb_policy: CLUSTER_PROVIDED")
                .replace(" PROVIDED", " lb_policy: CLUSTER_PROVIDED")
                .replace("DNS", "dns_cache_config: {name: d}")
                .replaceAll(
                        "PROXY\\[(.*?)\\]",
                        "cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {" + TYPE
                                + "clusters.dynamic_forward_proxy.v3.ClusterConfig, $1}}")
                .replaceAll(
                        "HTTP\\[(.*?)\\]",
                        "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {"
                                + TYPE + "upstreams.http.v3.HttpProtocolOptions,"
                                + " explicit_http_config: {http_protocol_options: {}}$1}}");
        Cluster message = YamlMessages.read("test.yaml", "{name: c, " + yaml.substring(1), Cluster.newBuilder())
                .build();

        Decoded<?> decoded = ResourceDecoder.cluster("c", Any.pack(message));
        boolean takenByEnvoy = TlsConfigComparisonTest.isTaken(binary, message, folder);

        assertThat(takenByEnvoy).as("Envoy: " + cluster).isEqualTo(verdict.equals("takes"));
        assertThat(decoded instanceof Decoded.Accepted).as(decoded.toString()).isEqualTo(takenByEnvoy);
    }
}
