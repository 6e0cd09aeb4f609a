package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Policy;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.model.Cluster.RetryBudget;
import io.inmesh.model.DataSource;
import io.inmesh.model.Endpoint;
import io.inmesh.model.HashPolicy;
import io.inmesh.model.Secret.Validation;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The clusters and endpoints that istiod made of {@code destination-rules.yaml}: each service is named after the field that it is about. */
class IstioDestinationRuleTest {
    private static final Shapes WEB = Shapes.of("istio/web.json");
    private static final Endpoint IN_MESH = new Endpoint(
            "127.0.5.1",
            18_100,
            1,
            Endpoint.Health.HEALTHY,
            null,
            Map.of("envoy.transport_socket_match", Map.of("tlsMode", "istio")));

    private static Cluster cluster(String service) {
        return WEB.cluster(name(service)).value().cluster();
    }

    private static String name(String service) {
        return "outbound|8100||" + service + ".example";
    }

    static Stream<Arguments> policies() {
        return Stream.of(
                arguments("round-robin", new Policy.RoundRobin()),
                arguments("least-request", new Policy.LeastRequest(2, 1)),
                arguments("pool-tcp", new Policy.LeastRequest(2, 1)),
                arguments("random", new Policy.Random()),
                arguments("port-level", new Policy.RoundRobin()),
                arguments("selected", new Policy.RoundRobin()));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void loadBalancer_simple_isThePolicy(String service, Policy policy) {
        assertThat(cluster(service).balancing().policy()).isEqualTo(policy);
    }

    @Test
    void loadBalancer_passthrough_goesToTheAddressThatWasAskedFor() {
        assertThat(cluster("passthrough").discovery()).isEqualTo(new Discovery.OriginalDestination());
    }

    static Stream<Arguments> hashes() {
        return Stream.of(
                arguments("hash-header", HashPolicy.Header.class, "ring_hash_lb_config"),
                arguments("hash-cookie", HashPolicy.Cookie.class, "maglev_lb_config"),
                arguments("hash-ip", HashPolicy.SourceIp.class, "ring_hash_lb_config"),
                arguments("hash-query", HashPolicy.QueryParameter.class, "ring_hash_lb_config"));
    }

    /** The route knows its hash; the balancer that uses it is not built, and the status of the cluster says so. */
    @ParameterizedTest
    @MethodSource("hashes")
    void consistentHash_notBuiltYet_isShown(String service, Class<?> policy, String field) {
        var route = RoutedRequest.of(WEB.routes("8100").value(), "GET " + service + ".example /")
                .compiled();

        assertThat(Objects.requireNonNull(route.forward()).hashPolicies())
                .hasOnlyElementsOfType(policy)
                .hasSize(1);
        assertThat(WEB.cluster(name(service)).unsupported()).anyMatch(path -> path.startsWith(field));
        assertThat(cluster(service).unusable()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    outlier           | outlier_detection
                    failover          | outlier_detection
                    warmup            | round_robin_lb_config.slow_start_config
                    pool-tcp          | upstream_connection_options
                    """)
    void fields_notBuiltYet_areShown(String service, String field) {
        assertThat(WEB.cluster(name(service)).unsupported()).anyMatch(path -> path.startsWith(field));
        assertThat(cluster(service).unusable()).isNull();
    }

    @Test
    void localityLbSetting_distribute_isTheWeightOfLocalities() {
        assertThat(cluster("distribute").balancing().localityWeighted()).isTrue();
        assertThat(localities("distribute")).containsExactly("eu/eu-1/a 0 80 127.0.5.1", "us/us-1/a 0 20 127.0.5.2");
    }

    @Test
    void localityLbSetting_failover_isThePriorityOfEndpoints() {
        assertThat(localities("failover")).containsExactly("eu/eu-1/a 0 1 127.0.5.1", "us/us-1/a 1 2 127.0.5.2");
        assertThat(localities("failover-priority"))
                .containsExactly("eu/eu-1/a 1 1 127.0.5.1", "us/us-1/a 0 2 127.0.5.2");
    }

    @Test
    void outlierDetection_minHealthPercent_isThePanicThreshold() {
        assertThat(cluster("outlier").balancing().panicThreshold()).isEqualTo(30);
    }

    @Test
    void connectionPool_tcp_isInTheCluster() {
        Cluster cluster = cluster("pool-tcp");

        assertThat(cluster.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(cluster.defaultThresholds().maxConnections()).isEqualTo(100);
        assertThat(cluster.http().idleTimeout()).isEqualTo(Duration.ofSeconds(45));
        assertThat(cluster.http().maxConnectionDuration()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void connectionPool_http_isInTheCluster() {
        Cluster cluster = cluster("pool-http");

        assertThat(cluster.defaultThresholds().maxPendingRequests()).isEqualTo(10);
        assertThat(cluster.defaultThresholds().maxRequests()).isEqualTo(50);
        assertThat(cluster.defaultThresholds().maxRetries()).isEqualTo(3);
        assertThat(cluster.http().maxRequestsPerConnection()).isEqualTo(1000);
        assertThat(cluster.http().idleTimeout()).isEqualTo(Duration.ofSeconds(61));
        assertThat(cluster.http().maxConcurrentStreams()).isEqualTo(20);
        assertThat(cluster.http().version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(cluster("pool-same").http().version()).isEqualTo(HttpVersion.AS_CALLER);
        assertThat(cluster("round-robin").http().version()).isEqualTo(HttpVersion.HTTP_1);
    }

    @Test
    void connectionPool_unset_hasNoLimit() {
        var thresholds = cluster("round-robin").defaultThresholds();

        assertThat(List.of(
                        thresholds.maxConnections(),
                        thresholds.maxPendingRequests(),
                        thresholds.maxRequests(),
                        thresholds.maxRetries()))
                .containsOnly(Integer.MAX_VALUE);
    }

    @Test
    void retryBudget_isInTheCluster() {
        assertThat(cluster("retry-budget").defaultThresholds().retryBudget()).isEqualTo(new RetryBudget(25, 7));
    }

    @Test
    void portLevelSettings_goBeforeThoseOfTheService() {
        assertThat(cluster("port-level").defaultThresholds().maxRequests()).isEqualTo(9);
    }

    @Test
    void subsets_haveEndpointsAndATrafficPolicyOfTheirOwn() {
        assertThat(WEB.cluster("outbound|8100|v2|selected.example")
                        .value()
                        .cluster()
                        .balancing()
                        .policy())
                .isEqualTo(new Policy.Random());
        assertThat(WEB.endpoints("outbound|8001|v1|shop.default.svc.cluster.local")
                        .size())
                .isEqualTo(1);
        assertThat(WEB.endpoints("outbound|8001|v2|shop.default.svc.cluster.local")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void tls_unset_isThatOfTheMeshForItsOwnEndpointsOnly() {
        Cluster cluster = cluster("round-robin");
        UpstreamTls tls = tls(of(cluster, IN_MESH));

        assertThat(tls.sni()).isEqualTo("outbound_.8100_._.round-robin.example");
        assertThat(names(tls))
                .containsExactly("spiffe://cluster.local/ns/default/sa/own", "spiffe://old.local/ns/default/sa/own");
        assertThat(tls.common().secrets()).extracting(SecretName::name).containsExactly("default", "ROOTCA");
        assertThat(of(cluster, Endpoint.of("127.0.5.9", 18_100))).isEqualTo(new TransportSocket.Plaintext());
    }

    @Test
    void tls_disable_isPlaintext() {
        assertThat(of(cluster("tls-disable"), IN_MESH)).isEqualTo(new TransportSocket.Plaintext());
    }

    @Test
    void tls_istioMutual_isTlsForEveryEndpoint() {
        UpstreamTls tls = tls(of(cluster("tls-istio"), Endpoint.of("127.0.5.9", 18_100)));

        assertThat(tls.sni()).isEqualTo("own.example");
        assertThat(names(tls)).containsExactly("spiffe://cluster.local/ns/default/sa/own");
        assertThat(tls.common().alpn()).containsExactly("istio-peer-exchange", "istio");
        assertThat(tls.common().secrets()).extracting(SecretName::name).containsExactly("default", "ROOTCA");
    }

    @Test
    void tls_simple_verifiesByTheGivenFiles() {
        UpstreamTls tls = tls(cluster("tls-simple").transport());

        assertThat(tls.sni()).isEqualTo("simple.example");
        assertThat(names(tls)).containsExactly("simple.example");
        assertThat(Objects.requireNonNull(tls.common().validation()).crl())
                .isEqualTo(new DataSource.File("/etc/crl.pem", null));
        assertThat(tls.common().secrets()).extracting(SecretName::name).containsExactly("file-root:/etc/ca.pem");
    }

    /** {@code tlsDefaults} of {@code mesh.yaml}. */
    @Test
    void tls_simpleUnderDefaultsOfTheMesh_hasTheirVersionCiphersAndCurves() {
        var cluster =
                Shapes.of("istio/tls.json").cluster(name("tls-simple")).value().cluster();

        assertThat(tls(cluster.transport()).common().parameters())
                .isEqualTo(new TlsContext.Parameters(
                        TlsContext.Version.TLS_1_2,
                        TlsContext.Version.TLS_1_3,
                        List.of("ECDHE-ECDSA-AES128-GCM-SHA256"),
                        List.of("P-384")));
    }

    @Test
    void tls_simpleWithoutAName_followsTheRequest() {
        assertThat(cluster("tls-mutual").http().requestSni()).isEqualTo(new RequestSni(true, true, ""));
    }

    @Test
    void tls_insecureSkipVerify_verifiesNothing() {
        assertThat(tls(cluster("tls-skip").transport()).common().validation()).isEqualTo(Validation.NONE);
    }

    @Test
    void tls_mutual_showsTheGivenCertificate() {
        assertThat(tls(cluster("tls-mutual").transport()).common().secrets())
                .extracting(SecretName::name)
                .containsExactly("file-cert:/etc/c.pem~/etc/k.pem", "file-root:/etc/ca.pem");
    }

    @Test
    void tls_credentialName_isASecretOfTheControlPlane() {
        assertThat(tls(cluster("tls-credential").transport()).common().secrets())
                .containsExactly(SecretName.ofControlPlane("kubernetes://kubernetes-secret-cacert"));
    }

    /** A connection without the header that its server waits for would be none, so there is none. */
    @Test
    void proxyProtocol_makesConnectionsImpossible() {
        assertThat(of(cluster("proxy-protocol"), IN_MESH)).isInstanceOf(TransportSocket.Unusable.class);
    }

    private static TransportSocket of(Cluster cluster, Endpoint endpoint) {
        return cluster.transportFor(
                endpoint, WEB.endpoints(name("round-robin")).localities().get(0));
    }

    private static UpstreamTls tls(TransportSocket socket) {
        return ((TransportSocket.Tls) socket).settings();
    }

    /** The names that are taken, each once: istiod writes them in the older field, which counts for every type of name. */
    private static List<String> names(UpstreamTls tls) {
        return Objects.requireNonNull(tls.common().validation()).subjectAltNames().stream()
                .map(matcher -> ((StringMatcher.Exact) matcher.matcher()).value())
                .distinct()
                .toList();
    }

    private static List<String> localities(String service) {
        return WEB.endpoints(name(service)).localities().stream()
                .map(IstioDestinationRuleTest::text)
                .toList();
    }

    private static String text(LocalityEndpoints locality) {
        return locality.locality() + " " + locality.priority() + " " + locality.weight() + " "
                + locality.endpoints().get(0).address();
    }
}
