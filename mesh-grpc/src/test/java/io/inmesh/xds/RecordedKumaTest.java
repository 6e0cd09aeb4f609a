package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.DataSource;
import io.inmesh.model.HashPolicy;
import io.inmesh.model.RetryPolicy;
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

/** Where requests go under what a real kuma-cp made of the scenarios in {@code rest.txt} beside the recordings. Who gets in is in {@code RecordedServersTest}. */
class RecordedKumaTest {
    private static final String BUILTIN = "builtin-ca/web";
    private static final String WEB = "mesh-identity/web";
    private static final String UNIFIED = "mesh-identity/web-unified-names";
    private static final String ORDERS = "mesh-identity/orders";
    private static final long SEED = 4;

    @ParameterizedTest
    @ValueSource(strings = {BUILTIN, WEB, UNIFIED, ORDERS})
    void snapshot_ofANode_hasEveryResourceThatItGot(String node) {
        KumaMesh mesh = KumaMesh.recorded(node);

        Recordings.all().stream()
                .filter(each -> each.file().startsWith("kuma-2.14.3/" + node + "/"))
                .forEach(each -> {
                    switch (each.kind()) {
                        case LISTENER -> assertThat(mesh.snapshot.listeners()).containsKey(each.name());
                        case CLUSTER ->
                            assertThat(mesh.cluster(each.name()).name()).isEqualTo(each.name());
                        case ENDPOINTS ->
                            assertThat(mesh.subscribed).contains(ResourceKind.ENDPOINTS + " " + each.name());
                        case SECRET -> assertThat(mesh.snapshot.secrets()).containsKey(each.name());
                        default -> throw new IllegalStateException("kuma-cp sends no " + each.kind());
                    }
                });
    }

    /** As kuma-cp wants it of a stream of state of the world: all of some kinds, and of the others all that those name. */
    @Test
    void subscriptions_ofANode_areAllThatTheSnapshotHolds() {
        assertThat(KumaMesh.recorded(BUILTIN).subscribed)
                .containsExactlyInAnyOrder(
                        "CLUSTER *",
                        "LISTENER *",
                        "ENDPOINTS default_orders__zone-1_msvc_18080",
                        "ENDPOINTS default_web__zone-1_msvc_17080",
                        "SECRET identity_cert:secret:default",
                        "SECRET mesh_ca:secret:default");
    }

    @Test
    void addresses_ofEachNode_areTheHostNamesOfTheMesh() {
        assertThat(KumaMesh.recorded(BUILTIN).snapshot.addresses())
                .isEqualTo(Map.of(
                        "orders.svc.mesh.local", List.of("241.0.0.0"),
                        "web.svc.mesh.local", List.of("241.0.0.1")));
        Map<String, List<String>> shop = Map.of(
                "orders-v1.svc.mesh.local", List.of("241.0.0.2"),
                "orders-v2.svc.mesh.local", List.of("241.0.0.3"),
                "orders.svc.mesh.local", List.of("241.0.0.4"),
                "web.svc.mesh.local", List.of("241.0.0.6"));
        assertThat(KumaMesh.recorded(WEB).snapshot.addresses()).isEqualTo(shop);
        assertThat(KumaMesh.recorded(UNIFIED).snapshot.addresses()).isEqualTo(shop);
        assertThat(KumaMesh.recorded(ORDERS).snapshot.addresses()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            builtin-ca/web                  | http://orders.svc.mesh.local:18080    | default_orders__zone-1_msvc_18080    | 0 127.0.0.2:18080, 0 127.0.0.3:18080, 0 127.0.0.4:18080
            builtin-ca/web                  | http://241.0.0.0:18080                | default_orders__zone-1_msvc_18080    | 0 127.0.0.2:18080, 0 127.0.0.3:18080, 0 127.0.0.4:18080
            builtin-ca/web                  | http://web.svc.mesh.local:17080       | default_web__zone-1_msvc_17080       | 0 127.0.0.9:17080
            mesh-identity/web               | http://orders-v1.svc.mesh.local:18080 | shop_orders-v1__zone-1_msvc_18080    | 0 127.0.1.2:18080, 0 127.0.1.3:18080
            mesh-identity/web               | http://orders-v2.svc.mesh.local:18080 | shop_orders-v2__zone-1_msvc_18080    | 0 127.0.1.4:18080
            mesh-identity/web               | http://web.svc.mesh.local:17080       | shop_web__zone-1_msvc_17080          | 0 127.0.1.9:17080
            mesh-identity/web-unified-names | http://orders-v1.svc.mesh.local:18080 | kri_msvc_shop_zone-1__orders-v1_http | 0 127.0.1.2:18080, 0 127.0.1.3:18080
            mesh-identity/web-unified-names | http://orders-v2.svc.mesh.local:18080 | kri_msvc_shop_zone-1__orders-v2_http | 0 127.0.1.4:18080
            """)
    void request_toAService_goesToItsDataplanes(String node, String url, String cluster, String endpoints) {
        KumaMesh mesh = KumaMesh.recorded(node);

        assertThat(mesh.ask(url, "/").cluster()).isEqualTo(cluster);
        assertThat(mesh.endpoints(cluster)).isEqualTo(List.of(endpoints.split(", ")));
        // "Proxy-to-proxy is always HTTP/2".
        assertThat(mesh.cluster(cluster).http().version()).isEqualTo(HttpVersion.HTTP_2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mesh-identity/web               | shop_orders-v1__zone-1_msvc_18080     | shop_orders-v2__zone-1_msvc_18080
            mesh-identity/web-unified-names | kri_msvc_shop_zone-1__orders-v1_18080 | kri_msvc_shop_zone-1__orders-v2_18080
            """)
    void request_underTheMeshHttpRoute_isSplitButForJasonsApi(String node, String v1, String v2) {
        KumaMesh mesh = KumaMesh.recorded(node);
        String url = "http://orders.svc.mesh.local:18080";

        for (String path : List.of("/api", "/api/", "/api/x?y=z")) {
            assertThat(mesh.ask(url, path, "end-user", "jason").cluster()).isEqualTo(v2);
        }
        for (Way way : List.of(
                mesh.ask(url, "/api/x"),
                mesh.ask(url, "/api/x", "end-user", "eve"),
                mesh.ask(url, "/apix", "end-user", "jason"),
                mesh.ask(url, "/", "end-user", "jason"))) {
            Map<String, Integer> draws = way.draws(SEED);
            assertThat(draws.keySet()).containsExactly(v1, v2);
            assertThat(draws.get(v1)).as("seed %d", SEED).isCloseTo(9_000, withPercentage(2));
            assertThat(way.rewritten().headers().get("x-via")).isEqualTo("mesh");
        }
        assertThat(mesh.ask(url, "/api", "end-user", "jason")
                        .rewritten()
                        .headers()
                        .get("x-via"))
                .isNull();
    }

    @Test
    void request_whereRateLimitsOrFaultsAskForIt_saysWhoSendsIt() {
        assertThat(KumaMesh.recorded(WEB)
                        .ask("http://orders.svc.mesh.local:18080", "/")
                        .rewritten()
                        .headers()
                        .get("x-kuma-tags"))
                .isEqualTo("&kuma.io/protocol=http&&kuma.io/service=web&&kuma.io/zone=zone-1&");
        assertThat(KumaMesh.recorded(BUILTIN)
                        .ask("http://orders.svc.mesh.local:18080", "/")
                        .rewritten()
                        .headers()
                        .get("x-kuma-tags"))
                .isNull();
    }

    @Test
    void limits_ofTheScenario_areThoseOfRouteAndCluster() {
        KumaMesh mesh = KumaMesh.recorded(WEB);
        Way way = mesh.ask("http://orders.svc.mesh.local:18080", "/");

        assertThat(way.forward().timeouts().response()).isEqualTo(Duration.ofSeconds(3));
        assertThat(way.forward().hashPolicies()).containsExactly(new HashPolicy.Header("x-user", null, false));
        RetryPolicy retry = Objects.requireNonNull(way.forward().retryPolicy());
        assertThat(retry.retryOn()).containsExactly(RetryPolicy.Condition.FIVE_XX);
        assertThat(retry.numRetries()).isEqualTo(3);
        assertThat(retry.perTryTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(retry.hostPredicates()).containsExactly(RetryPolicy.HostPredicate.PREVIOUS_HOSTS);
        assertThat(retry.hostSelectionAttempts()).isEqualTo(3);
        assertThat(retry.retriableRequestHeaders()).hasSize(1);
        assertThat(mesh.cluster("shop_orders-v1__zone-1_msvc_18080").defaultThresholds())
                .satisfies(each -> {
                    assertThat(each.maxConnections()).isEqualTo(2);
                    assertThat(each.maxPendingRequests()).isEqualTo(8);
                    assertThat(each.maxRequests()).isEqualTo(4);
                    assertThat(each.maxRetries()).isEqualTo(2);
                });
    }

    /** What a mesh has without a policy of its own: the ones that kuma-cp makes for it. */
    @Test
    void limits_ofAMeshWithDefaultPolicies_areKumas() {
        KumaMesh mesh = KumaMesh.recorded(BUILTIN);
        Way way = mesh.ask("http://orders.svc.mesh.local:18080", "/");

        assertThat(way.forward().timeouts().response()).isEqualTo(Duration.ofSeconds(15));
        assertThat(way.forward().timeouts().idle()).isEqualTo(Duration.ofMinutes(30));
        RetryPolicy retry = Objects.requireNonNull(way.forward().retryPolicy());
        assertThat(retry.numRetries()).isEqualTo(5);
        assertThat(retry.perTryTimeout()).isEqualTo(Duration.ofSeconds(16));
        assertThat(retry.retryOn())
                .containsExactlyInAnyOrder(
                        RetryPolicy.Condition.GATEWAY_ERROR,
                        RetryPolicy.Condition.CONNECT_FAILURE,
                        RetryPolicy.Condition.REFUSED_STREAM);
        assertThat(mesh.cluster("default_orders__zone-1_msvc_18080").connectTimeout())
                .isEqualTo(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            builtin-ca/web                  | default_orders__zone-1_msvc_18080     | aa37a23ac775842ef.orders.18080.default.ms | spiffe://default/orders | identity_cert:secret:default    | mesh_ca:secret:default
            mesh-identity/web               | shop_orders-v1__zone-1_msvc_18080     | sni.msvc.shop.zone-1.orders-v1.18080      | spiffe://shop.zone-1.mesh.local/workload/orders | kri_mid_shop_zone-1__identity_ | system_trust_bundle
            mesh-identity/web-unified-names | kri_msvc_shop_zone-1__orders-v2_18080 | sni.msvc.shop.zone-1.orders-v2.18080      | spiffe://shop.zone-1.mesh.local/workload/orders | kri_mid_shop_zone-1__identity_ | system_trust_bundle
            """)
    void tls_ofACluster_isThatOfTheMesh(
            String node, String cluster, String sni, String identity, String certificate, String roots) {
        KumaMesh mesh = KumaMesh.recorded(node);

        assertThat(mesh.tls(cluster).sni()).isEqualTo(sni);
        assertThat(mesh.tls(cluster).common().alpn()).containsExactly("kuma");
        assertThat(Objects.requireNonNull(mesh.tls(cluster).common().validation())
                        .subjectAltNames())
                .contains(new SubjectAltNameMatcher(
                        SubjectAltNameMatcher.Type.URI, new StringMatcher.Exact(identity, false), ""));
        assertThat(mesh.tls(cluster).common().secrets())
                .extracting(each -> each.name())
                .containsExactly(certificate, roots);
    }

    @Test
    void trust_ofBothKinds_isRead() {
        Secret.Validation builtin = (Secret.Validation) Objects.requireNonNull(
                KumaMesh.recorded(BUILTIN).snapshot.secrets().get("mesh_ca:secret:default"));
        assertThat(builtin.trustedCa()).isInstanceOf(DataSource.Inline.class);
        assertThat(builtin.trustDomains()).isNull();
        Secret.Validation spiffe = (Secret.Validation)
                Objects.requireNonNull(KumaMesh.recorded(WEB).snapshot.secrets().get("system_trust_bundle"));
        assertThat(spiffe.trustedCa()).isNull();
        assertThat(Objects.requireNonNull(spiffe.trustDomains()))
                .extracting(Secret.TrustDomain::name)
                .containsExactly("shop.zone-1.mesh.local");
    }

    /** Neither scenario has a MeshPassthrough, and a Mesh lets everything out by default. */
    @ParameterizedTest
    @CsvSource({
        "builtin-ca/web, outbound:passthrough:ipv4",
        "mesh-identity/web, outbound:passthrough:ipv4",
        "mesh-identity/web-unified-names, self_transparentproxy_passthrough_outbound_ipv4",
    })
    void unknownHost_ofAMeshWithPassthrough_goesStraight(String node, String cluster) {
        for (String url : List.of("http://api.example.com", "https://api.example.com", "http://10.1.2.3:9000")) {
            assertThat(KumaMesh.recorded(node).choose(url))
                    .isInstanceOfSatisfying(Choice.Passthrough.class, straight -> assertThat(straight.reason())
                            .contains(cluster));
        }
    }

    /** On Kubernetes kuma-cp gives a service the address of its Kubernetes Service, and no name; the recorded address stands for that. */
    @ParameterizedTest
    @CsvSource({"builtin-ca/web", "mesh-identity/web", "mesh-identity/web-unified-names"})
    void nameOfKubernetes_thatLeadsToAService_takesItsListener(String node) {
        KumaMesh mesh = KumaMesh.recorded(node);
        String url = "http://orders.shop.svc.cluster.local:18080";
        assertThat(mesh.choose(url)).isInstanceOf(Choice.Passthrough.class);
        String address = Objects.requireNonNull(mesh.snapshot.addresses().get("orders.svc.mesh.local")).stream()
                .filter(each -> each.indexOf(':') < 0)
                .findFirst()
                .orElseThrow();
        assertThat(mesh.at(url, address)).isEqualTo(mesh.choose("http://orders.svc.mesh.local:18080"));
        assertThat(mesh.at(url, address)).isInstanceOf(Choice.Meshed.class);
        assertThat(mesh.at(url, "10.9.9.9")).isNull();
    }

    @Test
    void unknownHost_ofADataplaneWithoutTransparentProxying_isRefused() {
        assertThat(KumaMesh.recorded(ORDERS).choose("http://api.example.com"))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("has no transparent proxying"));
    }

    @Test
    void wrongPort_ofAService_saysWhichThereAre() {
        assertThat(KumaMesh.recorded(WEB).choose("http://orders.svc.mesh.local"))
                .isInstanceOfSatisfying(Choice.Refused.class, refused -> assertThat(refused.reason())
                        .contains("[18080]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            builtin-ca/web                  | 127.0.0.9 | 17080 | inbound:127.0.0.9:17080
            mesh-identity/web               | 0.0.0.0   | 17080 | inbound:127.0.1.9:17080
            mesh-identity/web-unified-names | 127.0.1.10 | 17080 | self_inbound_dp_http
            mesh-identity/orders            | 127.0.1.2 | 18080 | inbound:127.0.1.2:18080
            """)
    void bind_serverOfADataplane_hasItsInbound(String node, String host, int port, String expected) {
        assertThat(XdsDialect.kuma().bind(KumaMesh.recorded(node).snapshot, new BoundAddress(host, port)))
                .isInstanceOfSatisfying(
                        Binding.Served.class,
                        served -> assertThat(served.listener().name()).isEqualTo(expected));
    }

    @Test
    void bind_portWithoutInbound_isNotThePassthroughOfASidecar() {
        assertThat(XdsDialect.kuma().bind(KumaMesh.recorded(WEB).snapshot, new BoundAddress("127.0.1.9", 17_081)))
                .isInstanceOf(Binding.Refused.class);
    }
}
