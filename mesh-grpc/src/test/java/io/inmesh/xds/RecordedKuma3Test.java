package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.HashPolicy;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RouteAction;
import io.inmesh.model.Secret;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.xds.KumaMesh.Way;
import io.inmesh.xds.decode.Recordings;
import io.inmesh.xds.protocol.ResourceKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where requests go under what a real kuma-cp 3.0.0-dev made of the scenarios of {@link RecordedKumaTest} in the forms of Kuma 3: no tags, no CA of the mesh's,
 * services and policies by label, and a zone egress as a listener of a Dataplane.
 */
class RecordedKuma3Test {
    private static final String WEB = "kuma-3.0-dev/mesh-identity/web";
    private static final String ORDERS = "kuma-3.0-dev/mesh-identity/orders";
    private static final String OUTBOUNDS = "kuma-3.0-dev/outbounds/web";
    private static final String URL = "http://orders.svc.mesh.local:18080";
    private static final long SEED = 4;

    @ParameterizedTest
    @ValueSource(strings = {WEB, ORDERS, OUTBOUNDS, "kuma-3.0-dev/outbounds/orders"})
    void snapshot_ofANode_hasEveryResourceThatItGot(String node) {
        KumaMesh mesh = KumaMesh.recordedOf(node);

        List<Recordings.Recording> all = Recordings.all().stream()
                .filter(each -> each.file().startsWith(node + "/"))
                .toList();
        assertThat(all).isNotEmpty().allSatisfy(each -> {
            switch (each.kind()) {
                case LISTENER -> assertThat(mesh.snapshot.listeners()).containsKey(each.name());
                case CLUSTER -> assertThat(mesh.cluster(each.name()).name()).isEqualTo(each.name());
                case ENDPOINTS -> assertThat(mesh.subscribed).contains(ResourceKind.ENDPOINTS + " " + each.name());
                case SECRET -> assertThat(mesh.snapshot.secrets()).containsKey(each.name());
                default -> throw new IllegalStateException("kuma-cp sends no " + each.kind());
            }
        });
    }

    /** They come as JSON in a listener that nobody can connect to. */
    @Test
    void addresses_areTheHostNamesOfTheDynamicConfiguration() {
        assertThat(KumaMesh.recordedOf(WEB).snapshot.addresses())
                .isEqualTo(Map.of(
                        "orders-v1.svc.mesh.local", List.of("241.0.0.3"),
                        "orders-v2.svc.mesh.local", List.of("241.0.0.4"),
                        "orders.svc.mesh.local", List.of("241.0.0.5"),
                        "payments.extsvc.mesh.local", List.of("242.0.0.0"),
                        "web.svc.mesh.local", List.of("241.0.0.6")));
        assertThat(KumaMesh.recordedOf(ORDERS).snapshot.addresses()).isEmpty();
        assertThat(KumaMesh.recordedOf(OUTBOUNDS).snapshot.addresses()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mesh-identity/web | http://orders-v1.svc.mesh.local:18080 | kri_msvc_shop_zone-1__orders-v1_http  | HTTP_2   | 0 127.0.1.2:18080, 0 127.0.1.3:18080
            mesh-identity/web | http://orders-v2.svc.mesh.local:18080 | kri_msvc_shop_zone-1__orders-v2_http  | HTTP_2   | 0 127.0.1.4:18080
            mesh-identity/web | http://241.0.0.6:17080                | kri_msvc_shop_zone-1__web_http        | HTTP_2   | 0 127.0.1.9:17080
            mesh-identity/web | http://243.0.0.0:18080                | kri_mzsvc_shop___anywhere_http        | HTTP_2   | 0 127.0.1.2:18080, 0 127.0.1.3:18080, 0 127.0.1.4:18080
            mesh-identity/web | http://payments.extsvc.mesh.local:443 | kri_extsvc_shop_zone-1__payments_443  | HTTP_1   | 0 127.0.1.20:10002
            outbounds/web     | http://127.0.0.1:10001                | kri_msvc_plain_zone-1__orders_18080   | HTTP_2   | 0 127.0.4.2:18080
            outbounds/web     | http://localhost:10002                | kri_msvc_plain_zone-1__orders_18090   | HTTP_2   | 0 127.0.4.2:18090
            """)
    void request_toADestination_goesToItsDataplanes(
            String node, String url, String cluster, HttpVersion version, String endpoints) {
        KumaMesh mesh = KumaMesh.recordedOf("kuma-3.0-dev/" + node);

        assertThat(mesh.ask(url, "/").cluster()).isEqualTo(cluster);
        assertThat(mesh.endpoints(cluster)).isEqualTo(List.of(endpoints.split(", ")));
        assertThat(mesh.cluster(cluster).http().version()).isEqualTo(version);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mesh-identity/web | kri_msvc_shop_zone-1__orders-v1_18080 | sni.msvc.shop.zone-1.orders-v1.http   | spiffe://shop.zone-1.mesh.local/workload/orders
            mesh-identity/web | kri_mzsvc_shop___anywhere_http        | sni.mzsvc.shop.anywhere.http          | spiffe://shop.zone-1.mesh.local/workload/orders
            mesh-identity/web | kri_extsvc_shop_zone-1__payments_443  | sni.extsvc.shop.zone-1.payments.443   | spiffe://shop.zone-1.mesh.local/workload/egress
            outbounds/web     | kri_msvc_plain_zone-1__orders_18090   | sni.msvc.plain.zone-1.orders.rpc      | spiffe://plain.zone-1.mesh.local/workload/orders
            """)
    void tls_ofACluster_isThatOfTheMesh(String node, String cluster, String sni, String identity) {
        KumaMesh mesh = KumaMesh.recordedOf("kuma-3.0-dev/" + node);

        assertThat(mesh.tls(cluster).sni()).isEqualTo(sni);
        assertThat(mesh.tls(cluster).common().alpn()).containsExactly("kuma");
        assertThat(Objects.requireNonNull(mesh.tls(cluster).common().validation())
                        .subjectAltNames())
                .containsExactly(new SubjectAltNameMatcher(
                        SubjectAltNameMatcher.Type.URI, new StringMatcher.Exact(identity, false), ""));
        assertThat(mesh.tls(cluster).common().secrets())
                .extracting(each -> each.name())
                .satisfiesExactly(
                        certificate -> assertThat(certificate).startsWith("kri_mid_"),
                        roots -> assertThat(roots).isEqualTo("system_trust_bundle"));
    }

    @Test
    void trust_isRootsOfATrustDomain() {
        Secret.Validation spiffe = (Secret.Validation) Objects.requireNonNull(
                KumaMesh.recordedOf(WEB).snapshot.secrets().get("system_trust_bundle"));
        assertThat(spiffe.trustedCa()).isNull();
        assertThat(Objects.requireNonNull(spiffe.trustDomains()))
                .extracting(Secret.TrustDomain::name)
                .containsExactly("shop.zone-1.mesh.local");
    }

    @Test
    void request_underTheMeshHttpRoute_isSplitButForJasonsApi() {
        KumaMesh mesh = KumaMesh.recordedOf(WEB);
        String v1 = "kri_msvc_shop_zone-1__orders-v1_18080";
        String v2 = "kri_msvc_shop_zone-1__orders-v2_18080";

        for (String path : List.of("/api", "/api/", "/api/x?y=z")) {
            assertThat(mesh.ask(URL, path, "end-user", "jason").cluster()).isEqualTo(v2);
        }
        for (Way way : List.of(mesh.ask(URL, "/api/x"), mesh.ask(URL, "/apix", "end-user", "jason"))) {
            Map<String, Integer> draws = way.draws(SEED);
            assertThat(draws.keySet()).containsExactly(v1, v2);
            assertThat(draws.get(v1)).as("seed %d", SEED).isCloseTo(9_000, withPercentage(2));
            assertThat(way.rewritten().headers().get("x-via")).isEqualTo("mesh");
        }
    }

    /** Kuma 2 leaves such a route out, and the next one takes the request. */
    @Test
    void request_toABackendThatIsNotThere_isAnswered500() {
        for (String path : List.of("/lost", "/lost/and/found")) {
            assertThat(KumaMesh.recordedOf(WEB).ask(URL, path).route().route().action())
                    .isInstanceOfSatisfying(RouteAction.DirectResponse.class, direct -> assertThat(direct.status())
                            .isEqualTo(500));
        }
    }

    @Test
    void limits_ofTheScenario_areThoseOfRouteAndCluster() {
        KumaMesh mesh = KumaMesh.recordedOf(WEB);
        Way way = mesh.ask(URL, "/");

        assertThat(way.forward().timeouts().response()).isEqualTo(Duration.ofSeconds(3));
        assertThat(way.forward().hashPolicies()).containsExactly(new HashPolicy.Header("x-user", null, false));
        RetryPolicy retry = Objects.requireNonNull(way.forward().retryPolicy());
        assertThat(retry.retryOn()).containsExactly(RetryPolicy.Condition.FIVE_XX);
        assertThat(retry.numRetries()).isEqualTo(3);
        assertThat(retry.retriableRequestHeaders()).hasSize(1);
        assertThat(mesh.cluster("kri_msvc_shop_zone-1__orders-v1_18080").defaultThresholds())
                .satisfies(each -> assertThat(each.maxConnections()).isEqualTo(2));
    }

    /** By labels, which are all that a Dataplane has. */
    @Test
    void request_whereLimitsAskForIt_saysWhoSendsIt() {
        assertThat(KumaMesh.recordedOf(WEB).ask(URL, "/").rewritten().headers().get("x-kuma-tags"))
                .contains("&kuma.io/workload=web&");
        assertThat(KumaMesh.recordedOf(OUTBOUNDS)
                        .ask("http://127.0.0.1:10001", "/")
                        .rewritten()
                        .headers()
                        .get("x-kuma-tags"))
                .isNull();
    }

    @Test
    void unknownHost_goesStraightWithATransparentProxyOnly() {
        assertThat(KumaMesh.recordedOf(WEB).choose("https://api.example.com"))
                .isInstanceOfSatisfying(Choice.Passthrough.class, straight -> assertThat(straight.reason())
                        .contains("self_transparentproxy_passthrough_outbound_ipv4"));
        assertThat(KumaMesh.recordedOf(OUTBOUNDS).choose("https://api.example.com"))
                .isInstanceOf(Choice.Refused.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mesh-identity/web    | 0.0.0.0   | 17080 | self_inbound_dp_http
            mesh-identity/orders | 127.0.1.2 | 18080 | self_inbound_dp_http
            outbounds/orders     | 127.0.4.2 | 18090 | self_inbound_dp_rpc
            """)
    void bind_serverOfADataplane_hasItsInbound(String node, String host, int port, String expected) {
        assertThat(XdsDialect.kuma()
                        .bind(KumaMesh.recordedOf("kuma-3.0-dev/" + node).snapshot, new BoundAddress(host, port)))
                .isInstanceOfSatisfying(
                        Binding.Served.class,
                        served -> assertThat(served.listener().name()).isEqualTo(expected));
    }
}
