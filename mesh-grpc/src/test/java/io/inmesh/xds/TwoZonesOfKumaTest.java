package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.HttpVersion;
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

/**
 * Two zones as kuma-cp 2.14.3 sent them to a caller of the first one ({@code recordings/kuma-2.14.3/two-zones}), and shapes of Kuma 3 of which there is no recording
 * ({@code kuma/two-zones.yaml}).
 */
class TwoZonesOfKumaTest {
    private static final String STOCK = "kri_msvc_shop_zone-2__stock_http";
    private static final String ORDERS = "kri_mzsvc_shop___orders_http";
    private static final String ORDERS_OF_BOTH = "shop_orders___mzsvc_18080";

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
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            web            | shop  | 127.0.2.20 | sni.msvc.shop.zone-2.orders.http
            web-builtin-ca | shopb | 127.0.7.20 | a3f150f1df6d86f0e.orders.18080.shopb.ms
            """)
    void serviceOfAnotherZone_isReachedByItsIngress(String proxy, String name, String ingress, String serverName) {
        KumaMesh recorded = KumaMesh.recorded("two-zones/" + proxy);
        String cluster = name + "_orders__zone-2_msvc_18080";
        assertThat(recorded.ask("http://orders.svc.zone-2.mesh.local:18080", "/")
                        .cluster())
                .isEqualTo(cluster);
        assertThat(recorded.endpoints(cluster)).containsExactly("1 " + ingress + ":10001");
        UpstreamTls tls = recorded.tls(cluster);
        assertThat(tls.sni()).isEqualTo(serverName);
        assertThat(tls.common().alpn()).containsExactly("kuma");
        assertThat(names(tls)).contains(uri("spiffe://" + name + "/orders"));
    }

    @Test
    void identitiesOfAnotherZone_areOfItsOwnTrustDomain() {
        KumaMesh recorded = KumaMesh.recorded("two-zones/web");
        assertThat(names(recorded.tls("shop_orders__zone-2_msvc_18080")))
                .containsExactly(uri("spiffe://shop.zone-2.mesh.local/workload/orders"), uri("spiffe://shop/orders"));
        Secret.Validation bundle = (Secret.Validation)
                Objects.requireNonNull(recorded.snapshot.secrets().get("system_trust_bundle"));
        assertThat(Objects.requireNonNull(bundle.trustDomains()))
                .extracting(Secret.TrustDomain::name)
                .containsExactly("shop.zone-1.mesh.local", "shop.zone-2.mesh.local");
    }

    /** kuma-cp takes the zone itself for one that has only an ingress of the old kind, whose server name is a hash: a sidecar does not care, and neither does this. */
    @Test
    void serviceOfSeveralZones_prefersItsOwnAndHasTheServerNameOfEachZone() {
        KumaMesh recorded = KumaMesh.recorded("two-zones/web");
        assertThat(recorded.ask("http://orders.mzsvc.mesh.local:18080", "/").cluster())
                .isEqualTo(ORDERS_OF_BOTH);
        assertThat(recorded.endpoints(ORDERS_OF_BOTH)).containsExactly("0 127.0.1.2:18080", "1 127.0.2.20:10001");
        Cluster cluster = recorded.cluster(ORDERS_OF_BOTH);
        ClusterState.Ready ready = (ClusterState.Ready)
                Objects.requireNonNull(recorded.snapshot.clusters().get(ORDERS_OF_BOTH));
        List<UpstreamTls> ways = ready.assignment().localities().stream()
                .map(locality -> cluster.transportFor(locality.endpoints().get(0), locality))
                .map(socket -> ((TransportSocket.Tls) socket).settings())
                .toList();
        assertThat(ways)
                .extracting(UpstreamTls::sni)
                .satisfiesExactly(
                        near -> assertThat(near).matches("a[0-9a-f]{15,16}\\.orders\\.18080\\.shop\\.mzms"),
                        far -> assertThat(far).isEqualTo("sni.mzsvc.shop.orders.http"));
        // Any of these will do; one of them is not even a SPIFFE id.
        assertThat(ways).allSatisfy(way -> assertThat(names(way))
                .containsExactly(
                        uri("orders"),
                        uri("spiffe://shop.zone-1.mesh.local/workload/orders"),
                        uri("spiffe://shop.zone-2.mesh.local/workload/orders")));
    }

    /** The TLS is that of the mesh with the egress; with the outside it is the egress that speaks, HTTP/1.1 here as from the client on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            web            | shop_plain___extsvc_80  | 127.0.1.30 | spiffe://shop.zone-1.mesh.local/workload/zone-proxy
            web-builtin-ca | shopb_plain___extsvc_80 | 127.0.6.30 | spiffe://shopb/zone-egress
            """)
    void externalService_isReachedByTheEgressOfTheZone(String proxy, String cluster, String egress, String identity) {
        KumaMesh recorded = KumaMesh.recorded("two-zones/" + proxy);
        assertThat(recorded.ask("http://plain.extsvc.mesh.local", "/").cluster())
                .isEqualTo(cluster);
        assertThat(recorded.endpoints(cluster)).containsExactly("0 " + egress + ":10002");
        assertThat(names(recorded.tls(cluster))).containsExactly(uri(identity));
        assertThat(recorded.cluster(cluster).http().version()).isEqualTo(HttpVersion.HTTP_1);
    }

    /** MeshTLS names versions and ciphers. */
    @Test
    void meshTls_ofKuma3_isInTheCluster() {
        UpstreamTls tls = mesh.tls(STOCK);
        assertThat(tls.common().parameters().minimum()).isEqualTo(Version.TLS_1_2);
        assertThat(tls.common().parameters().maximum()).isEqualTo(Version.TLS_1_3);
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
