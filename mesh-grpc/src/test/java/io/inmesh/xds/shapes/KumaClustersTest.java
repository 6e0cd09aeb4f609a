package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Policy;
import io.inmesh.model.HashPolicy;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The clusters and endpoints that kuma-cp 2.14.3 made of {@code rest.txt}. */
class KumaClustersTest {
    private static final Shapes WEB = Shapes.of("kuma/web.json");

    private static String name(String service) {
        return "fields_" + service + "__zone-1_msvc_18080";
    }

    private static Cluster cluster(String service) {
        return WEB.cluster(name(service)).value().cluster();
    }

    static Stream<Arguments> policies() {
        return Stream.of(
                arguments("round-robin", new Policy.RoundRobin()),
                arguments("least-request", new Policy.LeastRequest(4, 1.3)),
                arguments("random", new Policy.Random()),
                arguments("blog", new Policy.RoundRobin()));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void loadBalancer_types_areThePolicy(String service, Policy policy) {
        assertThat(cluster(service).balancing().policy()).isEqualTo(policy);
    }

    @Test
    void hashPolicies_ofRoutes_areKnownAndTheirBalancersShown() {
        assertThat(hashes("ring-hash"))
                .hasExactlyElementsOfTypes(HashPolicy.Header.class, HashPolicy.SourceIp.class)
                .first()
                .matches(HashPolicy::terminal);
        assertThat(hashes("maglev"))
                .hasExactlyElementsOfTypes(HashPolicy.Cookie.class, HashPolicy.QueryParameter.class);
        assertThat(WEB.cluster(name("ring-hash")).unsupported())
                .anyMatch(path -> path.startsWith("ring_hash_lb_config"));
        assertThat(WEB.cluster(name("maglev")).unsupported()).anyMatch(path -> path.startsWith("maglev_lb_config"));
    }

    @ParameterizedTest
    @CsvSource({"outlier, outlier_detection", "checked, health_checks", "timeouts, max_stream_duration"})
    void fields_notBuiltYet_areShown(String service, String field) {
        assertThat(WEB.cluster(name(service)).unsupported()).anyMatch(path -> path.contains(field));
        assertThat(cluster(service).unusable()).isNull();
    }

    @Test
    void localityAwareness_isInTheEndpoints() {
        assertThat(cluster("affinity").balancing().localityWeighted()).isTrue();
        assertThat(cluster("blog").balancing().localityWeighted()).isFalse();
        assertThat(WEB.endpoints(name("affinity")).overprovisioning()).isEqualTo(200);
        assertThat(WEB.endpoints(name("affinity")).localities())
                .allSatisfy(locality -> assertThat(locality.weight()).isPositive());
    }

    @Test
    void circuitBreaker_connectionLimits_areInTheCluster() {
        var thresholds = cluster("pool").defaultThresholds();

        assertThat(thresholds).isEqualTo(new Cluster.Thresholds(2, 8, 4, 5, null));
    }

    @Test
    void panicThreshold_ofHealth_isInTheCluster() {
        assertThat(cluster("outlier").balancing().panicThreshold()).isEqualTo(61.5);
        assertThat(cluster("checked").balancing().panicThreshold()).isEqualTo(11);
        assertThat(cluster("checked").balancing().failInPanic()).isTrue();
    }

    @Test
    void timeout_ofConnections_isInTheCluster() {
        Cluster cluster = cluster("timeouts");

        assertThat(cluster.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(cluster.http().idleTimeout()).isEqualTo(Duration.ofSeconds(41));
        assertThat(cluster.http().maxConnectionDuration()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void peers_always_speakHttp2() {
        assertThat(cluster("blog").http().version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(cluster("calls").http().version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(cluster("http-two").http().version()).isEqualTo(HttpVersion.HTTP_2);
    }

    @Test
    void meshIdentity_ofClients_isTheTlsOfClusters() {
        UpstreamTls tls = tls(cluster("blog"));

        assertThat(tls.common().secrets())
                .containsExactly(
                        SecretName.ofControlPlane("kri_mid_fields_zone-1__identity_"),
                        SecretName.ofControlPlane("system_trust_bundle"));
        assertThat(tls.common().alpn()).containsExactly("kuma");
        assertThat(tls.sni()).isEqualTo("sni.msvc.fields.zone-1.blog.18080");
        assertThat(names(tls)).contains("spiffe://fields.zone-1.mesh.local/workload/blog");
    }

    @Test
    void meshTls_versionsAndCiphers_areThoseOfClientsToo() {
        assertThat(tls(cluster("blog")).common().parameters().minimum()).isEqualTo(TlsContext.Version.TLS_1_2);
        assertThat(tls(cluster("blog")).common().parameters().maximum()).isEqualTo(TlsContext.Version.TLS_1_2);
        assertThat(tls(cluster("blog")).common().parameters().cipherSuites())
                .containsExactly("ECDHE-RSA-AES256-GCM-SHA384");
    }

    @Test
    void meshService_selectors_haveTheirEndpoints() {
        assertThat(addresses(WEB, name("orders"))).containsExactlyInAnyOrder("127.0.8.1:18080", "127.0.8.2:18080");
        assertThat(addresses(WEB, name("orders-v2"))).containsExactly("127.0.8.2:18080");
        assertThat(WEB.endpoints(name("orders")).localities().get(0).locality().zone())
                .isEqualTo("zone-1");
    }

    @Test
    void multiZoneService_hasTheEndpointsOfItsServices() {
        assertThat(addresses(WEB, "fields_everywhere___mzsvc_18080"))
                .containsExactlyInAnyOrder("127.0.8.1:18080", "127.0.8.2:18080");
        UpstreamTls tls =
                tls(WEB.cluster("fields_everywhere___mzsvc_18080").value().cluster());
        assertThat(names(tls)).contains("spiffe://fields.zone-1.mesh.local/workload/orders");
        assertThat(tls.sni()).endsWith(".everywhere.18080.fields.mzms");
    }

    /** Its endpoints are those of a zone egress, and this mesh has none. */
    @Test
    void externalService_withoutAZoneEgress_hasNoEndpoints() {
        assertThat(WEB.endpoints("fields_outside__zone-1_extsvc_8090").size()).isZero();
    }

    @Test
    void subsets_ofTags_haveTheirEndpointsAndTls() {
        Shapes tags = Shapes.of("kuma/tags.json");

        assertThat(addresses(tags, "orders-d1030500a406e60a")).containsExactly("127.0.9.1:18080");
        assertThat(addresses(tags, "orders-e2b975f7062a07f9")).containsExactly("127.0.9.2:18080");
    }

    @Test
    void oldMeshes_limitsAndTls_areInTheCluster() {
        Cluster orders = Shapes.of("kuma/old.json")
                .cluster("orders-d1030500a406e60a")
                .value()
                .cluster();

        assertThat(orders.defaultThresholds()).isEqualTo(new Cluster.Thresholds(2, 8, 4, 5, null));
        assertThat(orders.balancing().panicThreshold()).isEqualTo(11);
        assertThat(orders.balancing().policy()).isEqualTo(new Policy.LeastRequest(4, 1));
        UpstreamTls tls = tls(orders);
        assertThat(tls.sni()).isEqualTo("orders{mesh=old,version=v1}");
        assertThat(names(tls)).containsExactly("spiffe://old/orders");
        assertThat(tls.common().secrets())
                .containsExactly(
                        SecretName.ofControlPlane("identity_cert:secret:old"),
                        SecretName.ofControlPlane("mesh_ca:secret:old"));
    }

    private static List<HashPolicy> hashes(String service) {
        var table = Objects.requireNonNull(WEB.listenerOf(name(service)).value().routes());
        return Objects.requireNonNull(
                        RoutedRequest.of(table, "GET any /").compiled().forward())
                .hashPolicies();
    }

    private static UpstreamTls tls(Cluster cluster) {
        return ((TransportSocket.Tls) cluster.transport()).settings();
    }

    private static List<String> names(UpstreamTls tls) {
        return Objects.requireNonNull(tls.common().validation()).subjectAltNames().stream()
                .map(matcher -> ((StringMatcher.Exact) matcher.matcher()).value())
                .toList();
    }

    private static List<String> addresses(Shapes shapes, String cluster) {
        return shapes.endpoints(cluster).localities().stream()
                .flatMap(locality -> locality.endpoints().stream())
                .map(endpoint -> endpoint.address() + ":" + endpoint.port())
                .toList();
    }
}
