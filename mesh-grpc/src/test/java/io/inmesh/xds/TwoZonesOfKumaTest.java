package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Cluster;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.Secret;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext.Version;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shapes of Kuma 3, and a zone behind an ingress, of which there is no recording: {@code kuma/two-zones.yaml}. */
class TwoZonesOfKumaTest {
    private static final String STOCK = "kri_msvc_shop_zone-2__stock_http";
    private static final String ORDERS = "kri_mzsvc_shop___orders_http";

    private KumaMesh mesh = KumaMesh.recorded("mesh-identity/orders");

    @BeforeEach
    void read() throws Exception {
        mesh = KumaMesh.ofFile("two-zones.yaml");
    }

    @Test
    void addresses_ofTheDynamicConfiguration_areHostNamesWithoutMappedDoubles() {
        assertThat(mesh.snapshot.addresses())
                .isEqualTo(Map.of(
                        "stock.svc.zone-2.mesh.local", List.of("241.0.0.7"),
                        "orders.mzsvc.mesh.local", List.of("243.0.0.1"),
                        "redis.svc.mesh.local", List.of("241.0.0.9")));
    }

    /** End to end between client and server: the ingress looks at the server name only. */
    @Test
    void serviceOfAnotherZone_isReachedByItsIngress() {
        assertThat(mesh.ask("http://stock.svc.zone-2.mesh.local:8080", "/").cluster())
                .isEqualTo(STOCK);
        assertThat(mesh.endpoints(STOCK)).containsExactly("1 10.20.0.1:10001");
        UpstreamTls tls = mesh.tls(STOCK);
        assertThat(tls.sni()).isEqualTo("sni.msvc.shop.zone-2.stock.http");
        assertThat(tls.common().alpn()).containsExactly("kuma");
        assertThat(tls.common().parameters().minimum()).isEqualTo(Version.TLS_1_2);
        assertThat(tls.common().parameters().maximum()).isEqualTo(Version.TLS_1_3);
        assertThat(names(tls)).containsExactly(uri("spiffe://shop.zone-2.mesh.local/workload/stock"));
        Secret.Validation bundle = (Secret.Validation)
                Objects.requireNonNull(mesh.snapshot.secrets().get("system_trust_bundle"));
        assertThat(Objects.requireNonNull(bundle.trustDomains()))
                .extracting(Secret.TrustDomain::name)
                .containsExactly("shop.zone-1.mesh.local", "shop.zone-2.mesh.local");
    }

    @Test
    void serviceOfSeveralZones_prefersItsOwnAndHasTheTlsOfEachZone() {
        assertThat(mesh.ask("http://orders.mzsvc.mesh.local:8080", "/").cluster())
                .isEqualTo(ORDERS);
        assertThat(mesh.endpoints(ORDERS))
                .containsExactly("0 10.10.0.5:8080", "1 10.20.0.1:10001", "1 10.30.0.1:10001");
        Cluster cluster = mesh.cluster(ORDERS);
        ClusterState.Ready ready = (ClusterState.Ready)
                Objects.requireNonNull(mesh.snapshot.clusters().get(ORDERS));
        List<String> serverNames = ready.assignment().localities().stream()
                .map(locality -> cluster.transportFor(locality.endpoints().get(0), locality))
                .map(socket -> ((TransportSocket.Tls) socket).settings().sni())
                .toList();
        assertThat(serverNames)
                .containsExactly(
                        "sni.mzsvc.shop.orders.http",
                        "sni.mzsvc.shop.orders.http",
                        "a0123456789abcdef.orders.8080.shop.mzms");
        // Any of these will do; one of Kuma 2.14's is not even a SPIFFE id.
        assertThat(names(mesh.tls(ORDERS)))
                .containsExactly(
                        uri("spiffe://shop.zone-1.mesh.local/workload/orders"),
                        uri("spiffe://shop.zone-2.mesh.local/workload/orders"),
                        uri("orders"));
        UpstreamTls ofZone3 =
                ((TransportSocket.Tls) cluster.transportMatches().get(0).socket()).settings();
        assertThat(names(ofZone3)).as("an empty list leaves it at the roots").isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            /v1?tenant=a      | none | kri_mhttpr_shop_zone-1__stock_rule_0         | /v2?tenant=a
            /v1/x?tenant=a    | none | kri_mhttpr_shop_zone-1__stock_rule_0         | /v2/x?tenant=a
            /v1x?tenant=a     | none | 9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo= | /v1x?tenant=a
            /v1?tenant=b      | none | 9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo= | /v1?tenant=b
            /v1/x?tenant=a    | yes  | 9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo= | /v1/x?tenant=a
            """)
    void meshHttpRoute_ofPathsHeadersAndQuery_takesWhatMatches(
            String path, @Nullable String debug, String route, String rewritten) {
        KumaMesh.Way way = mesh.ask(
                "http://stock.svc.zone-2.mesh.local:8080",
                path,
                debug == null ? new String[0] : new String[] {"x-debug", debug});

        assertThat(way.route().route().name()).isEqualTo(route);
        assertThat(way.rewritten().path()).isEqualTo(rewritten);
    }

    /** kuma-cp writes "canceled" for what a MeshRetry of gRPC calls Canceled; Envoy knows "cancelled" only, and goes on without it. */
    @Test
    void meshRetry_ofGrpc_retriesOnWhatEnvoyKnows() {
        assertThat(Objects.requireNonNull(mesh.ask("http://stock.svc.zone-2.mesh.local:8080", "/")
                                .forward()
                                .retryPolicy())
                        .retryOn())
                .contains(RetryPolicy.Condition.GRPC_RESOURCE_EXHAUSTED, RetryPolicy.Condition.GRPC_UNAVAILABLE)
                .doesNotContain(RetryPolicy.Condition.GRPC_CANCELLED);
        assertThat(Objects.requireNonNull(mesh.ask("http://orders.mzsvc.mesh.local:8080", "/")
                                .forward()
                                .retryPolicy())
                        .retryOn())
                .containsExactly(RetryPolicy.Condition.GRPC_CANCELLED);
    }

    @Test
    void outboundOfTheDataplane_isAtItsAddressAndPort() {
        assertThat(mesh.ask("http://localhost:10001", "/").listener()).isEqualTo("kri_msvc_shop_zone-1__local_http");
        assertThat(mesh.ask("http://127.0.0.1:10001", "/").cluster()).isEqualTo(ORDERS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            https://api.example.com       | none
            http://example.com            | none
            http://www.example.com        | none
            http://10.42.0.8:9091         | none
            https://example.com           | no filter chain of listener self_transparentproxy_passthrough_outbound_ipv4 takes it
            http://other.org              | 503 no policy allows this domain
            http://example.com:8080       | no filter chain of listener self_transparentproxy_passthrough_outbound_ipv4 takes it
            http://10.42.0.9:9091         | no filter chain of listener self_transparentproxy_passthrough_outbound_ipv4 takes it
            http://10.42.0.8              | 503 no policy allows this domain
            http://redis.svc.mesh.local:6379 | connections of this listener are not meshed
            """)
    void whatTheMeshDoesNotKnow_leavesItWhereAMeshPassthroughSaysSo(String url, @Nullable String refusal) {
        Choice choice = mesh.choose(url);
        if (refusal == null) {
            assertThat(choice).isInstanceOf(Choice.Passthrough.class);
        } else {
            assertThat(choice).isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                    .contains(refusal));
        }
    }

    private static List<SubjectAltNameMatcher> names(UpstreamTls tls) {
        return Objects.requireNonNull(tls.common().validation()).subjectAltNames();
    }

    private static SubjectAltNameMatcher uri(String exact) {
        return new SubjectAltNameMatcher(SubjectAltNameMatcher.Type.URI, new StringMatcher.Exact(exact, false), "");
    }
}
