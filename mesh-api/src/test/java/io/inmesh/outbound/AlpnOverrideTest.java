package io.inmesh.outbound;

import static io.inmesh.outbound.MeshFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.AlpnOverrideFilter;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import io.inmesh.outbound.UpstreamTarget.ToHost;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code istio.alpn}: which protocols an attempt offers. */
class AlpnOverrideTest {
    private static final List<String> OF_HTTP_1 = List.of("istio-http/1.1", "istio", "http/1.1");
    private static final List<String> OF_HTTP_2 = List.of("istio-h2", "istio", "h2");
    private static final HttpFilterConfig ROUTER = new HttpFilterConfig("router", new FilterConfig.Router(), false);

    private final MeshFixture mesh = new MeshFixture();

    private void filter(AlpnOverrideFilter override) {
        mesh.filters.add(new HttpFilterConfig("istio.alpn", override, false));
        mesh.filters.add(ROUTER);
    }

    private void cluster(HttpOptions options, Map<String, Map<String, Object>> metadata) {
        Cluster cluster = new Cluster(
                "a",
                new Discovery.Eds("a"),
                Balancing.DEFAULT,
                Cluster.DEFAULT_CONNECT_TIMEOUT,
                Thresholds.DEFAULT,
                Thresholds.DEFAULT,
                options,
                Cluster.DEFAULT_BUFFER_LIMIT,
                metadata,
                null);
        mesh.clusters.put("a", new ClusterState.Ready(cluster, Assignment.of("a", Endpoint.of("10.0.0.1", 8080))));
        mesh.publish(to("a"));
    }

    private static HttpOptions options(HttpVersion version) {
        return new HttpOptions(version, null, null, 0, 1024, 60);
    }

    private @Nullable RequestTls asked(HttpVersion caller) {
        mesh.call(new RequestHead("GET", "http", "orders", "/", new Headers()), null, new CallOptions(null, caller));
        return ((ToHost) mesh.transport.last().target).tls();
    }

    /** As {@code upstreamHttpProtocol} of Envoy answers. */
    @ParameterizedTest(name = "cluster {0}, caller {1}: {2}")
    @CsvSource({
        "HTTP_1,    ALPN,   1",
        "HTTP_1,    HTTP_2, 1",
        "HTTP_2,    HTTP_1, 2",
        "HTTP_2,    ALPN,   2",
        "ALPN,      HTTP_1, 2",
        "AS_CALLER, HTTP_1, 1",
        "AS_CALLER, ALPN,   1",
        "AS_CALLER, HTTP_2, 2"
    })
    void alpn_followsTheVersionThatWillBeSpoken(HttpVersion cluster, HttpVersion caller, int spoken) {
        filter(new AlpnOverrideFilter(OF_HTTP_1, OF_HTTP_2));
        cluster(options(cluster), Map.of());

        assertThat(asked(caller)).isEqualTo(new RequestTls(null, List.of(), spoken == 1 ? OF_HTTP_1 : OF_HTTP_2));
    }

    @ParameterizedTest(name = "istio.alpn_override = {0}: overridden {1}")
    @CsvSource({"false, false", "true, true", "FALSE, true"})
    void alpn_ofAClusterOutsideTheMesh_isItsOwn(String value, boolean overridden) {
        filter(new AlpnOverrideFilter(OF_HTTP_1, OF_HTTP_2));
        cluster(options(HttpVersion.HTTP_1), Map.of("istio", Map.of("alpn_override", value)));

        assertThat(asked(HttpVersion.ALPN) != null).isEqualTo(overridden);
    }

    @Test
    void alpn_ofAVersionThatIsNotNamed_isTheClusters() {
        filter(new AlpnOverrideFilter(List.of(), OF_HTTP_2));
        cluster(options(HttpVersion.HTTP_1), Map.of());

        assertThat(asked(HttpVersion.ALPN)).isNull();
    }

    @Test
    void alpn_withoutTheFilter_isTheClusters() {
        cluster(options(HttpVersion.HTTP_1), Map.of());

        assertThat(asked(HttpVersion.ALPN)).isNull();
    }

    @Test
    void alpn_besideNamesThatFollowTheRequest_doesNotReplaceThem() {
        filter(new AlpnOverrideFilter(OF_HTTP_1, OF_HTTP_2));
        cluster(options(HttpVersion.HTTP_1).with(new RequestSni(true, true, "")), Map.of());

        assertThat(asked(HttpVersion.ALPN)).isEqualTo(new RequestTls("orders", List.of("orders"), OF_HTTP_1));
    }
}
