package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Explanation.Verdict;
import io.inmesh.Mesh;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.Discovery.DynamicForwardProxy;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.HostRewrite;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.SecretName;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import io.inmesh.outbound.CallFacts;
import io.netty.handler.ssl.SslHandler;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole calls to clusters whose requests name their hosts: Istio's PassthroughCluster, and dynamic forward proxies. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class RequestedHostsTest {
    private final FixedSource source = new FixedSource();
    private final HttpTestServer server = HttpTestServer.start(
            request -> Response.ok(request.version() + " " + request.header("host") + " " + request.uri()));
    private final List<AutoCloseable> open = new ArrayList<>(List.of(server));

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private MeshHttpClient client(Mesh mesh) {
        MeshHttpClient client = MeshHttpClient.create(mesh);
        open.add(mesh);
        open.add(client::shutdownNow);
        return client;
    }

    private MeshHttpClient client(Discovery discovery) {
        return client(source.anyHost(route(Forward.to("c")))
                .cluster(patient(discovery))
                .mesh());
    }

    /** A resolver without a network may take its time to say so. */
    private static Cluster patient(Discovery discovery) {
        return new Cluster(
                "c",
                discovery,
                Balancing.DEFAULT,
                Duration.ofSeconds(40),
                Thresholds.DEFAULT,
                Thresholds.DEFAULT,
                HttpOptions.DEFAULT,
                Cluster.DEFAULT_BUFFER_LIMIT,
                Map.of(),
                null);
    }

    private static Route route(Forward action) {
        return Route.of("allow_any", RouteMatch.prefix("/"), action);
    }

    private static HttpResponse<String> get(MeshHttpClient client, String uri)
            throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString());
    }

    private static CallFacts facts(HttpResponse<?> response) {
        return MeshHttpResponse.of(response).mesh();
    }

    /** As on Kubernetes under Kuma: only DNS says that a name is of the mesh, and what answers there in the clear must not be asked. */
    @Test
    void passthrough_nameThatLeadsIntoTheMesh_takesItsListenerWithItsBody() throws Exception {
        HttpTestServer plain = HttpTestServer.start(request -> Response.ok("in the clear"));
        open.add(plain);
        MeshHttpClient client = client(source.passthrough("localhost")
                .inMesh("127.0.0.1")
                .anyHost(route(Forward.to("c")))
                .cluster(
                        "c", HttpVersion.HTTP_1, new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
                .mesh());
        String authority = "localhost:" + plain.port();
        HttpRequest post = HttpRequest.newBuilder(URI.create("http://" + authority + "/a"))
                .POST(BodyPublishers.ofString("body"))
                .build();

        HttpResponse<String> response = client.send(post, BodyHandlers.ofString());

        assertThat(response.body()).isEqualTo("HTTP/1.1 " + authority + " /a");
        assertThat(facts(response).passthrough()).isFalse();
        assertThat(facts(response).explanation().cluster()).isEqualTo("c");
        assertThat(plain.connections()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"localhost", "127.0.0.1", "only.mesh"})
    void originalDestination_hostOfAnyKind_isReached(String host) throws Exception {
        source.address("only.mesh", "127.0.0.1");
        String authority = host + ":" + server.port();
        HttpResponse<String> response = get(client(new OriginalDestination()), "http://" + authority + "/a?b");

        assertThat(response.body()).isEqualTo("HTTP/1.1 " + authority + " /a?b");
        CallFacts facts = facts(response);
        assertThat(facts.passthrough()).as("it took a route").isFalse();
        assertThat(facts.explanation().verdict()).isEqualTo(Verdict.ROUTED);
        assertThat(facts.explanation().cluster()).isEqualTo("c");
        assertThat(facts.explanation().host()).hasToString(authority);
        assertThat(facts.connection()).isNotNull().satisfies(connection -> assertThat(connection.remoteAddress())
                .isEqualTo("127.0.0.1:" + server.port()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nameThatDoesNotResolve_is503Df(boolean original) throws Exception {
        String host = "no-such-name.invalid";
        Discovery discovery = original ? new OriginalDestination() : new DynamicForwardProxy();
        HttpResponse<String> response = get(client(discovery), "http://" + host + "/");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("DNS resolution failure");
        assertThat(facts(response).flags()).containsExactly(ResponseFlag.DNS_RESOLUTION_FAILED);
        assertThat(facts(response).details())
                .startsWith("dns_resolution_failure{")
                .contains(host);
    }

    @Test
    void forwardProxy_rewrittenAuthority_isReached() throws Exception {
        Forward rewriting = Forward.to("c").with(null, new HostRewrite.Literal("LOCALHOST:" + server.port()));
        MeshHttpClient client = client(source.anyHost(route(rewriting))
                .cluster(Cluster.of("c", new DynamicForwardProxy()))
                .mesh());

        assertThat(get(client, "http://no-such-name.invalid/").body())
                .isEqualTo("HTTP/1.1 LOCALHOST:" + server.port() + " /");
    }

    @Test
    void forwardProxy_ofTheOtherFamily_is503Df() throws Exception {
        DynamicForwardProxy proxy = new DynamicForwardProxy(
                DnsFamily.V6_ONLY,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                1024);
        source.address("only.mesh", "127.0.0.1");
        HttpResponse<String> response = get(client(proxy), "http://only.mesh:" + server.port() + "/");

        assertThat(response.body()).isEqualTo("DNS resolution failure");
    }

    /** TLS to a host that the request names: it is verified to be that host, and to no other is anything sent. */
    @Test
    void forwardProxy_withTls_sendsAndVerifiesTheNameOfEachRequest() throws Exception {
        X509Bundle root = TestSecrets.root("outside");
        TestSecrets secrets = new TestSecrets().set("roots", TestSecrets.trust(root));
        List<String> names = new CopyOnWriteArrayList<>();
        HttpTestServer secure = tlsServer(TestSecrets.named(root, "secure.example"), names);
        TlsContext context = new TlsContext(
                TlsContext.Parameters.DEFAULT, List.of(), null, SecretName.ofControlPlane("roots"), List.of());
        Cluster cluster = Cluster.of("c", new DynamicForwardProxy())
                .with(HttpOptions.DEFAULT.with(new RequestSni(true, true, "")))
                .with(new TransportSocket.Tls(new UpstreamTls(context, "", false, false, 1)), List.of());
        source.anyHost(route(Forward.to("c")))
                .cluster(cluster)
                .address("secure.example", "127.0.0.1")
                .address("other.example", "127.0.0.1");
        MeshHttpClient client =
                client(Mesh.builder().source(source).secrets(secrets).build());

        assertThat(get(client, "http://secure.example:" + secure.port() + "/").body())
                .isEqualTo("HTTP/1.1 secure.example:" + secure.port());
        HttpResponse<String> refused = get(client, "http://other.example:" + secure.port() + "/");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(facts(refused).flags()).containsExactly(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
        assertThat(names).first().asString().contains("secure.example");
    }

    private HttpTestServer tlsServer(X509Bundle identity, List<String> names) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.toKeyManagerFactory().getKeyManagers(), null, null);
        HttpTestServer made = HttpTestServer.startTls(
                channel -> {
                    SSLEngine engine = context.createSSLEngine();
                    engine.setUseClientMode(false);
                    SslHandler handler = new SslHandler(engine);
                    handler.handshakeFuture()
                            .addListener(done -> names.add(((ExtendedSSLSession) engine.getSession())
                                    .getRequestedServerNames()
                                    .toString()));
                    return handler;
                },
                request -> Response.ok(request.version() + " " + request.header("host")));
        open.add(made);
        return made;
    }

    @Test
    void blackHole_is503UhAndNothingIsDialled() throws Exception {
        HttpResponse<String> response = get(client(new Discovery.Static()), "http://localhost:" + server.port() + "/");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("no healthy upstream");
        assertThat(facts(response).flags()).containsExactly(ResponseFlag.NO_HEALTHY_UPSTREAM);
        assertThat(server.connections()).isZero();
    }

    /** Hosts that callers make up: as many as the cluster allows are remembered, whatever comes. */
    @Test
    void forwardProxy_madeUpHosts_areBounded() throws Exception {
        int most = 50;
        int port = server.port();
        DynamicForwardProxy proxy = new DynamicForwardProxy(
                DnsFamily.AUTO,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                most);
        Mesh mesh = source.anyHost(route(Forward.to("c")))
                .cluster(Cluster.of("c", proxy))
                .mesh();
        MeshHttpClient client = client(mesh);
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            // Addresses, so that no resolver takes its time: nobody listens there.
            URI uri = URI.create("http://127.9." + i / 250 + "." + (1 + i % 250) + ":" + port + "/");
            calls.add(client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()));
        }
        int remembered = 0;
        for (CompletableFuture<HttpResponse<String>> call : calls) {
            HttpResponse<String> response = call.get();
            assertThat(response.statusCode()).isEqualTo(503);
            remembered += response.body().equals("DNS cache overflow") ? 0 : 1;
        }
        int loops = Math.max(1, Runtime.getRuntime().availableProcessors());

        assertThat(remembered).isBetween(most, most + loops);
        assertThat(mesh.upstreamClusters().get("c").hosts()).hasSize(remembered);
    }
}
