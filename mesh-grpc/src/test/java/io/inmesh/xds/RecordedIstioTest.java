package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.inmesh.Explanation;
import io.inmesh.exchange.ResetReason;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Secret.Validation;
import io.inmesh.model.SecretName;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.snapshot.SourceStatus.State;
import io.inmesh.xds.RecordedCall.Attempt;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that a real istiod sent to two workloads, {@code web} and {@code reviews}, is in force, and requests go where the scenarios say from which istiod made it
 * (the YAML files beside the recordings; {@code rich} is {@code basic} and what was added to it).
 */
class RecordedIstioTest {
    private static final Map<String, RecordedMesh> MESHES = new HashMap<>();

    private static final String FQDN = "reviews.default.svc.cluster.local";

    private static RecordedMesh mesh(String node) {
        return MESHES.computeIfAbsent(node, each -> RecordedMesh.of("istio-1.31-dev/" + each, XdsDialect.istio()));
    }

    @AfterAll
    static void close() {
        MESHES.values().forEach(RecordedMesh::close);
        MESHES.clear();
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic/web", "basic/reviews", "rich/web", "rich/reviews"})
    void everyResource_isAcceptedAndInForce(String node) {
        RecordedMesh recorded = mesh(node);

        await().untilAsserted(() -> assertThat(recorded.source.status().resources())
                .hasSameSizeAs(recorded.recordings)
                .allSatisfy(each -> {
                    assertThat(each.state()).isEqualTo(State.ACKED);
                    assertThat(each.error()).isNull();
                }));
        assertThat(recorded.snapshot().absent()).isEmpty();
        assertThat(recorded.snapshot().clusters().values()).allMatch(ClusterState.Ready.class::isInstance);
    }

    /** What has no effect, and no other: each is a feature that is not there yet, or has nothing to say to a process that is its own proxy. */
    @ParameterizedTest
    @ValueSource(strings = {"basic/web", "basic/reviews", "rich/web", "rich/reviews"})
    void everyNote_isOneThatIsKnown(String node) {
        TreeSet<String> notes = new TreeSet<>();
        for (ResourceStatus each : mesh(node).source.status().resources()) {
            each.unsupported().forEach(note -> notes.add(each.name().kind() + " " + note.replaceAll("\\[\\d+]", "[]")));
        }

        assertThat(notes).isNotEmpty();
        assertThat(List.of(
                        // Not there yet: outlierDetection, consistentHash, mirrors, fault, tracing, accessLogging, a
                        // gRPC client's own deadline.
                        "CLUSTER outlier_detection",
                        "CLUSTER lb_policy (RING_HASH: hosts are chosen by ROUND_ROBIN instead)",
                        "CLUSTER ring_hash_lb_config",
                        "ROUTE_TABLE virtual_hosts[].routes[].route.request_mirror_policies",
                        "ROUTE_TABLE virtual_hosts[].routes[].route.max_grpc_timeout",
                        "ROUTE_TABLE virtual_hosts[].routes[].route.hash_policy",
                        "ROUTE_TABLE virtual_hosts[].routes[].typed_per_filter_config[\"envoy.filters.http.cors\"]"
                                + " (envoy.extensions.filters.http.cors.v3.CorsPolicy: preflight requests of browsers are"
                                + " not answered, and no origin is told what it may do)",
                        "LISTENER filter_chains[].filters[].typed_config"
                                + " (stats.PluginConfig: Istio's standard metrics are not counted)",
                        "LISTENER filter_chains[].filters[].typed_config.http_filters[].typed_config"
                                + " (stats.PluginConfig: Istio's standard metrics are not counted)",
                        "ROUTE_TABLE virtual_hosts[].routes[].typed_per_filter_config[\"envoy.filters.http.fault\"]"
                                + " (envoy.extensions.filters.http.fault.v3.HTTPFault: no fault is injected)",
                        "LISTENER access_log",
                        "LISTENER filter_chains[].filters[].typed_config.access_log",
                        "LISTENER filter_chains[].filters[].typed_config.request_id_extension",
                        "LISTENER filter_chains[].filters[].typed_config.tracing",
                        // The one service whose port is TCP.
                        "LISTENER filter_chains (none is for plain HTTP: connections of this listener are not meshed)",
                        // Of the clusters that stand for the application; and which resolver a proxy asks with how many
                        // sockets.
                        "CLUSTER upstream_bind_config",
                        "CLUSTER typed_dns_resolver_config"))
                .containsAll(notes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            # VirtualService reviews: the header's route, by every name of the service and at each of its ports.
            basic | GET http://reviews:9080/ end-user=jason                                       | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | GET http://reviews.default:9080/ end-user=jason                               | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | GET http://reviews.default.svc:9080/ end-user=jason                           | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | GET http://reviews.default.svc.cluster.local:9080/ end-user=jason             | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | GET http://reviews.default.svc.cluster.local.:9080/ end-user=jason            | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | GET http://Reviews.Default:9080/ end-user=jason                               | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | GET http://240.240.0.10:9080/ end-user=jason                                  | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | POST http://reviews:9080/any?x=y end-user=jason                               | outbound|9080|v2|reviews.default.svc.cluster.local
            basic | POST http://reviews:9090/acme.Reviews/Get end-user=jason                      | outbound|9090|v2|reviews.default.svc.cluster.local
            basic | POST http://240.240.0.10:9090/acme.Reviews/Get end-user=jason                 | outbound|9090|v2|reviews.default.svc.cluster.local
            rich  | GET http://reviews:9080/ end-user=jason                                       | outbound|9080|v2|reviews.default.svc.cluster.local
            rich  | GET http://reviews:9090/ end-user=jason                                       | outbound|9090|v2|reviews.default.svc.cluster.local
            # A namespace that has no such service, and a name that nobody knows: ALLOW_ANY.
            basic | GET http://reviews.other:9080/ end-user=jason                                 | PassthroughCluster
            basic | GET http://unknown.example:9080/                                              | PassthroughCluster
            basic | GET http://unknown.example:9090/                                              | PassthroughCluster
            basic | GET http://240.240.0.99:9080/                                                 | PassthroughCluster
            # A port that no service has.
            basic | GET http://reviews:1234/                                                      | PASSTHROUGH
            basic | GET http://unknown.example/                                                   | PASSTHROUGH
            basic | GET https://unknown.example/                                                  | PASSTHROUGH
            basic | GET https://reviews:9080/                                                     | PASSTHROUGH
            # Kubernetes' own Service: TCP at its VIP.
            basic | GET http://10.96.0.1:443/                                                     | REFUSED
            basic | GET http://kubernetes.default.svc:443/                                        | REFUSED
            basic | GET http://kubernetes.default.svc.cluster.local:443/                          | REFUSED
            basic | GET https://10.96.0.1/version                                                 | PASSTHROUGH
            basic | GET https://kubernetes.default.svc/version                                    | PASSTHROUGH
            # VirtualService ratings, in the order of its routes.
            rich  | GET http://ratings:9081/old/x                                                 | 308 by the route itself
            rich  | GET http://ratings.default.svc:9081/old/                                      | 308 by the route itself
            rich  | GET http://ratings:9081/old                                                   | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/Old/x                                                 | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/teapot                                                | 418 by the route itself
            rich  | POST http://ratings:9081/teapot                                               | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/teapot/x                                              | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/api/v1/stars?debug=true                               | outbound|9081||ratings.default.svc.cluster.local v2
            rich  | GET http://240.240.0.11:9081/api/v12/stars/5?a=b&debug=true                   | outbound|9081||ratings.default.svc.cluster.local v2
            rich  | GET http://ratings:9081/api/v1/stars?debug=false                              | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/api/v1/stars                                          | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/api/vx/stars?debug=true                               | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/api/v1/stars?debug=true x-skip=1                      | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings:9081/mirror/x                                              | outbound|9081||ratings.default.svc.cluster.local mirror
            rich  | GET http://ratings:9081/                                                      | outbound|9081||ratings.default.svc.cluster.local rest
            rich  | GET http://ratings.other:9081/                                                | PassthroughCluster allow_any
            # Before ratings came, nobody had the port.
            basic | GET http://ratings:9081/old/x                                                 | PASSTHROUGH
            # ServiceEntry external.
            rich  | GET http://api.example.com/v1                                                 | outbound|80||api.example.com default
            rich  | GET http://api.example.com./v1                                                | outbound|80||api.example.com default
            rich  | GET http://www.example.com/v1                                                 | PassthroughCluster allow_any
            rich  | GET https://api.example.com/v1                                                | PASSTHROUGH
            """)
    void request_ofEitherWorkload_goesWhereTheScenarioSays(String scenario, String request, String expected) {
        for (String workload : List.of("web", "reviews")) {
            Explanation explanation = mesh(scenario + "/" + workload).explain(request);

            assertThat(way(explanation)).as(explanation.toString()).startsWith(expected);
        }
    }

    private static String way(Explanation explanation) {
        if (explanation.cluster() != null) {
            return explanation.cluster() + " " + explanation.route();
        }
        return explanation.verdict() == Explanation.Verdict.ANSWERED
                ? explanation.reason()
                : explanation.verdict().name();
    }

    @ParameterizedTest
    @ValueSource(ints = {9080, 9090})
    void canary_weights_areKept(int port) {
        int requests = 10_000;
        int[] canary = {0};
        for (int i = 0; i < requests; i++) {
            String cluster = mesh("basic/web")
                    .explain("GET http://reviews:" + port + "/")
                    .cluster();
            assertThat(cluster).isIn("outbound|" + port + "|v1|" + FQDN, "outbound|" + port + "|v2|" + FQDN);
            canary[0] += Objects.requireNonNull(cluster).contains("|v2|") ? 1 : 0;
        }

        // Six standard deviations of 10,000 draws at 10 %.
        assertThat(canary[0] / (double) requests).isCloseTo(0.10, within(0.018));
    }

    @Test
    void redirect_ofRatings_answersTheCaller() {
        RecordedCall call = mesh("rich/web").call("GET http://ratings:9081/old/x?y=z");

        assertThat(call.response().status()).isEqualTo(308);
        assertThat(call.response().headers().get("location")).isEqualTo("http://ratings:9081/new/?y=z");
        assertThat(call.attempts).isEmpty();
    }

    @Test
    void directResponse_ofRatings_answersTheCaller() {
        assertThat(mesh("rich/web").call("GET http://ratings:9081/teapot").outcome())
                .isEqualTo("418 short and stout");
    }

    @Test
    void rewriteAndHeaders_ofRatings_changeRequestAndResponse() {
        RecordedCall call =
                mesh("rich/web").call("GET http://ratings:9081/api/v7/stars?debug=true x-secret=s, x-via=me, x-more=0");
        Attempt attempt = call.attempt();

        assertThat(attempt.request.path()).isEqualTo("/v7/stars?debug=true");
        assertThat(attempt.request.authority()).isEqualTo("ratings:9081");
        assertThat(attempt.request.headers().get("x-secret")).isNull();
        assertThat(attempt.request.headers().all("x-via")).containsExactly("mesh");
        assertThat(attempt.request.headers().all("x-more")).containsExactly("0", "1");
        // The preferred locality: the caller is in eu.
        assertThat(attempt.host()).isEqualTo("127.0.0.21:19081");

        attempt.answer(200, "x-served", "upstream");
        assertThat(call.response().headers().all("x-served")).containsExactly("mesh");
    }

    @Test
    void authorityRewrite_ofRatings_changesTheHost() {
        Attempt attempt = mesh("rich/web").call("GET http://ratings:9081/x").attempt();

        assertThat(attempt.request.authority()).isEqualTo("ratings.internal");
        assertThat(attempt.request.path()).isEqualTo("/x");
    }

    @Test
    void retries_ofRatings_areThoseOfTheVirtualService() {
        RecordedCall call = mesh("rich/web").call("GET http://ratings:9081/api/v1/x?debug=true");
        for (int tried = 1; tried <= 3; tried++) {
            assertThat(call.attempts).hasSize(tried);
            assertThat(call.attempt().request.headers().get("x-envoy-attempt-count"))
                    .isEqualTo(Integer.toString(tried));
            call.attempt().answer(409);
            call.loop.advance(Duration.ofMillis(200));
        }
        call.attempt().answer(409);

        assertThat(call.attempts).hasSize(4);
        assertThat(call.response().status()).isEqualTo(409);
    }

    @Test
    void timeouts_ofRatings_areThoseOfTheVirtualService() {
        RecordedCall call = mesh("rich/web").call("GET http://ratings:9081/api/v1/x?debug=true");

        for (int tried = 1; tried <= 4; tried++) {
            assertThat(call.attempts).hasSize(tried);
            call.attempt().connect();
            call.loop.advance(Duration.ofMillis(499));
            assertThat(call.attempt().cancelled).isFalse();
            call.loop.advance(Duration.ofMillis(1));
            assertThat(call.attempts.get(tried - 1).cancelled).isTrue();
            // The longest pause is seven times 20 ms.
            call.loop.advance(Duration.ofMillis(140));
        }

        assertThat(call.attempts).hasSize(4);
        assertThat(call.response().status()).isEqualTo(504);
    }

    @Test
    void timeoutOfAllAttempts_ofRatings_isThatOfTheVirtualService() {
        RecordedCall call = mesh("rich/web").call("GET http://ratings:9081/api/v1/x?debug=true");

        call.loop.advance(Duration.ofMillis(2_999));
        assertThat(call.isOver()).isFalse();
        call.loop.advance(Duration.ofMillis(1));

        assertThat(call.response().status()).isEqualTo(504);
        assertThat(call.attempts).hasSize(1);
    }

    @Test
    void timeout_thatNoVirtualServiceSets_isNone() {
        RecordedCall call = mesh("basic/web").call("GET http://reviews:9080/ end-user=jason");

        call.attempt().connect();
        call.loop.advance(Duration.ofDays(1));

        assertThat(call.isOver()).isFalse();
    }

    @Test
    void retries_thatNoVirtualServiceSets_areIstiosOwn() {
        RecordedCall refused = mesh("basic/web").call("GET http://reviews:9080/ end-user=jason");
        for (int tried = 1; tried <= 2; tried++) {
            refused.attempt().fail(ResetReason.CONNECTION_FAILURE);
            refused.loop.advance(Duration.ofMillis(500));
        }
        refused.attempt().fail(ResetReason.CONNECTION_FAILURE);
        assertThat(refused.attempts).hasSize(3);
        assertThat(refused.response().status()).isEqualTo(503);

        RecordedCall unavailable = mesh("basic/web").call("GET http://reviews:9080/ end-user=jason");
        unavailable.attempt().answer(503);
        assertThat(unavailable.attempts).hasSize(1);
        assertThat(unavailable.outcome()).isEqualTo("503 ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            basic/web ! outbound|9080||reviews.default.svc.cluster.local   ! outbound_.9080_._.reviews.default.svc.cluster.local   ! reviews ! 127.0.0.2:19080 127.0.0.3:19080 127.0.0.4:19080
            basic/web ! outbound|9080|v1|reviews.default.svc.cluster.local ! outbound_.9080_.v1_.reviews.default.svc.cluster.local ! reviews ! 127.0.0.2:19080 127.0.0.3:19080
            basic/web ! outbound|9080|v2|reviews.default.svc.cluster.local ! outbound_.9080_.v2_.reviews.default.svc.cluster.local ! reviews ! 127.0.0.4:19080
            basic/web ! outbound|9090|v1|reviews.default.svc.cluster.local ! outbound_.9090_.v1_.reviews.default.svc.cluster.local ! reviews ! 127.0.0.2:19090 127.0.0.3:19090
            basic/reviews ! outbound|9090|v2|reviews.default.svc.cluster.local ! outbound_.9090_.v2_.reviews.default.svc.cluster.local ! reviews ! 127.0.0.4:19090
            rich/web  ! outbound|9081||ratings.default.svc.cluster.local   ! outbound_.9081_._.ratings.default.svc.cluster.local   ! ratings ! 127.0.0.21:19081 127.0.0.22:19081
            """)
    void upstreamTls_ofEachEndpoint_isMeshTlsToItsIdentity(
            String node, String cluster, String sni, String account, String endpoints) {
        ClusterState.Ready ready = ready(node, cluster);
        TreeSet<String> found = new TreeSet<>();
        ready.assignment().localities().forEach(locality -> locality.endpoints().forEach(endpoint -> {
            found.add(endpoint.address() + ":" + endpoint.port());
            UpstreamTls tls = ((TransportSocket.Tls) ready.cluster().transportFor(endpoint, locality)).settings();
            assertThat(tls.sni()).isEqualTo(sni);
            assertThat(tls.common().alpn()).contains("istio");
            assertThat(tls.common().secrets()).extracting(SecretName::name).containsExactly("default", "ROOTCA");
            assertThat(allows(tls, "spiffe://cluster.local/ns/default/sa/" + account))
                    .isTrue();
            assertThat(allows(tls, "spiffe://cluster.local/ns/default/sa/other"))
                    .isFalse();
        }));

        assertThat(String.join(" ", found)).isEqualTo(endpoints);
    }

    private static boolean allows(UpstreamTls tls, String uri) {
        Validation validation = Objects.requireNonNull(tls.common().validation());
        return validation.subjectAltNames().stream()
                .anyMatch(each -> each.type() == SubjectAltNameMatcher.Type.URI
                        && each.matcher().matches(uri));
    }

    @Test
    void destinationRules_setPoolAndBalancing() {
        io.inmesh.model.Cluster ratings = ready("rich/web", "outbound|9081||ratings.default.svc.cluster.local")
                .cluster();
        Thresholds limits = ratings.defaultThresholds();

        assertThat(limits.maxConnections()).isEqualTo(100);
        assertThat(limits.maxPendingRequests()).isEqualTo(10);
        assertThat(limits.maxRequests()).isEqualTo(50);
        assertThat(limits.maxRetries()).isEqualTo(3);
        assertThat(ratings.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(ratings.http().maxRequestsPerConnection()).isEqualTo(1_000);
        assertThat(ratings.http().idleTimeout()).isEqualTo(Duration.ofSeconds(60));

        io.inmesh.model.Cluster external =
                ready("rich/web", "outbound|80||api.example.com").cluster();
        assertThat(external.discovery()).isInstanceOf(Discovery.StrictDns.class);
        assertThat(external.transport()).isInstanceOf(TransportSocket.Tls.class);
        assertThat(external.http().requestSni().autoSni()).isTrue();
        assertThat(external.http().requestSni().autoSanValidation()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.2, 19080", "127.0.0.2, 19090", "0.0.0.0, 19080", "0.0.0.0, 8888"})
    void server_ofEitherWorkload_isUnderVirtualInbound(String host, int port) {
        for (String node : List.of("basic/web", "basic/reviews", "rich/web", "rich/reviews")) {
            assertThat(XdsDialect.istio().bind(mesh(node).snapshot(), new BoundAddress(host, port)))
                    .isInstanceOfSatisfying(
                            Binding.Served.class,
                            served -> assertThat(served.listener().name()).isEqualTo("virtualInbound"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET http://unknown.example:9080/          | 502 by the route itself
            GET http://240.240.0.99:9080/             | 502 by the route itself
            GET http://unknown.example:1234/          | REFUSED
            GET https://unknown.example/              | REFUSED
            GET https://reviews:9080/                 | REFUSED
            GET https://kubernetes.default.svc/       | PASSTHROUGH
            GET http://reviews:9080/ end-user=jason   | outbound|9080|v2|reviews.default.svc.cluster.local
            """)
    void registryOnly_unknownDestinations_areBlocked(String request, String expected) {
        RecordedMesh blocked = MESHES.computeIfAbsent(
                "REGISTRY_ONLY",
                unused -> RecordedMesh.changed(
                        "istio-1.31-dev/basic/web", XdsDialect.istio(), RecordedIstioTest::registryOnly));

        assertThat(way(blocked.explain(request))).startsWith(expected);
        if (expected.startsWith("502")) {
            RecordedCall call = blocked.call(request);
            assertThat(call.outcome()).isEqualTo("502 ");
            assertThat(call.attempts).isEmpty();
        }
    }

    /** As istiod changes its answers with {@code outboundTrafficPolicy: REGISTRY_ONLY}. */
    private static Message registryOnly(Message resource) {
        if (resource instanceof RouteConfiguration table) {
            RouteConfiguration.Builder changed = table.toBuilder();
            changed.getVirtualHostsBuilderList().stream()
                    .filter(host -> host.getName().equals("allow_any"))
                    .forEach(host -> host.setName("block_all")
                            .getRoutesBuilder(0)
                            .setName("block_all")
                            .setDirectResponse(DirectResponseAction.newBuilder().setStatus(502)));
            return changed.build();
        }
        if (resource instanceof Listener listener) {
            Listener.Builder changed = listener.toBuilder();
            changed.getFilterChainsBuilderList().forEach(RecordedIstioTest::blackHole);
            if (listener.hasDefaultFilterChain()) {
                blackHole(changed.getDefaultFilterChainBuilder());
            }
            return changed.build();
        }
        return resource;
    }

    private static void blackHole(FilterChain.Builder chain) {
        Any end = chain.getFilters(chain.getFiltersCount() - 1).getTypedConfig();
        try {
            if (end.is(TcpProxy.class)
                    && end.unpack(TcpProxy.class).getCluster().equals("PassthroughCluster")) {
                chain.getFiltersBuilder(chain.getFiltersCount() - 1)
                        .setTypedConfig(Any.pack(end.unpack(TcpProxy.class).toBuilder()
                                .setCluster("BlackHoleCluster")
                                .build()));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ClusterState.Ready ready(String node, String cluster) {
        RecordedMesh recorded = mesh(node);
        await().until(() -> recorded.snapshot().clusters().get(cluster) instanceof ClusterState.Ready);
        return (ClusterState.Ready)
                Objects.requireNonNull(recorded.snapshot().clusters().get(cluster));
    }
}
