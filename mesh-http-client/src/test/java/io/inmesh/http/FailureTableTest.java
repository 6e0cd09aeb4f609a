package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.Explanation.Verdict;
import io.inmesh.Mesh;
import io.inmesh.MeshException;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.http.testing.HostileServer;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestTls;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.DirectResponse;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.Redirect;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteMatch;
import io.inmesh.outbound.CallFacts;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One test for each row of the table of failures in {@code docs/http-client.md}. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class FailureTableTest {
    private final FixedSource source = new FixedSource();
    private final CountDownLatch end = new CountDownLatch(1);
    private final CountDownLatch slow = new CountDownLatch(1);
    private final HttpTestServer server = HttpTestServer.start(request -> {
        if (request.uri().equals("/slow")) {
            slow.countDown();
            return Response.ok("released " + end.await(60, TimeUnit.SECONDS));
        }
        return Response.ok("fine");
    });
    private final Socket taken = new Socket();
    private Mesh mesh = source.mesh();
    private MeshHttpClient client = MeshHttpClient.create(mesh);

    @AfterEach
    void close() throws IOException {
        taken.close();
        end.countDown();
        client.shutdownNow();
        client.close();
        mesh.close();
        server.close();
    }

    @Test
    void meshed_noVirtualHost_is404NR() throws Exception {
        use(source.routes("other.example", to("c")));
        HttpResponse<String> response = get("http://nobody.example/");
        assertLocalReply(response, 404, "", ResponseFlag.NO_ROUTE_FOUND);
        assertThat(facts(response).details()).isEqualTo("route_not_found");
    }

    @Test
    void meshed_noRoute_is404NR() throws Exception {
        use(source.routes("a.example", Route.of("v1", RouteMatch.prefix("/v1"), Forward.to("c"))));
        assertLocalReply(get("http://a.example/v2"), 404, "", ResponseFlag.NO_ROUTE_FOUND);
    }

    @Test
    void meshed_noCluster_is503NC() throws Exception {
        use(source.routes("a.example", to("missing")));
        assertLocalReply(get("http://a.example/"), 503, "", ResponseFlag.NO_CLUSTER_FOUND);
    }

    @Test
    void meshed_emptyCluster_is503UH() throws Exception {
        use(source.routes("a.example", to("empty")).cluster("empty", HttpVersion.HTTP_1));
        HttpResponse<String> response = get("http://a.example/");
        assertLocalReply(response, 503, "no healthy upstream", ResponseFlag.NO_HEALTHY_UPSTREAM);
        assertThat(facts(response).explanation().cluster()).isEqualTo("empty");
        assertThat(facts(response).attempts()).isZero();
    }

    @Test
    void meshed_tooManyRequests_is503UO() throws Exception {
        Thresholds none = new Thresholds(1024, 1024, 1, 3, null);
        use(source.routes("a.example", to("c"))
                .cluster("c", HttpVersion.HTTP_1, none, Duration.ofSeconds(2), at(server.port())));
        CompletableFuture<HttpResponse<String>> first =
                client.sendAsync(request("http://a.example/slow").build(), BodyHandlers.ofString());
        assertThat(slow.await(60, TimeUnit.SECONDS)).isTrue();
        HttpResponse<String> second = get("http://a.example/fast");
        assertThat(second.statusCode()).isEqualTo(503);
        assertThat(second.body()).contains("overflow");
        assertThat(facts(second).flags()).contains(ResponseFlag.UPSTREAM_OVERFLOW);
        end.countDown();
        assertThat(first.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    @Test
    void meshed_connectionRefused_is503UF() throws Exception {
        use(source.routes("a.example", to("c")).cluster("c", HttpVersion.HTTP_1, at(refusing())));
        HttpResponse<String> response = get("http://a.example/");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("upstream connect error");
        assertThat(facts(response).flags()).contains(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
        assertThat(facts(response).explanation().host()).isNotNull();
    }

    @Test
    void meshed_connectionEndsBeforeTheAnswer_is503UC() throws Exception {
        try (HostileServer hostile = HostileServer.start(peer -> peer.readHead())) {
            use(source.routes("a.example", to("c")).cluster("c", HttpVersion.HTTP_1, at(hostile.port())));
            HttpResponse<String> response = get("http://a.example/");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(facts(response).flags()).contains(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION);
        }
    }

    @Test
    void meshed_routeTimeout_is504UT() throws Exception {
        Forward quick = Forward.to("c").with(new Timeouts(Duration.ofMillis(100), null, null), null);
        use(source.routes("a.example", Route.of("r", RouteMatch.prefix("/"), quick))
                .cluster("c", HttpVersion.HTTP_1, at(server.port())));
        assertLocalReply(
                get("http://a.example/slow"), 504, "upstream request timeout", ResponseFlag.UPSTREAM_REQUEST_TIMEOUT);
    }

    @Test
    void meshed_directResponse_isThatResponse() throws Exception {
        use(source.routes(
                "a.example", Route.of("r", RouteMatch.prefix("/"), new DirectResponse(418, "short and stout"))));
        HttpResponse<String> response = get("http://a.example/");
        assertThat(response.statusCode()).isEqualTo(418);
        assertThat(response.body()).isEqualTo("short and stout");
        assertThat(facts(response).flags()).isEmpty();
        assertThat(facts(response).explanation().verdict()).isEqualTo(Verdict.ANSWERED);
    }

    @Test
    void meshed_redirect_isFollowedOnlyIfTheClientFollows() throws Exception {
        Redirect elsewhere = new Redirect(false, null, "b.example", 0, null, 302, false);
        use(source.routes("a.example", Route.of("r", RouteMatch.of(new PathMatcher.Prefix("/", true)), elsewhere))
                .routes("b.example", to("c"))
                .cluster("c", HttpVersion.HTTP_1, at(server.port())));
        assertThat(get("http://a.example/x").statusCode()).isEqualTo(302);
        try (MeshHttpClient following = MeshHttpClient.newBuilder(mesh)
                .followRedirects(MeshHttpClient.Redirect.NORMAL)
                .build()) {
            HttpResponse<String> response =
                    following.send(request("http://a.example/x").build(), BodyHandlers.ofString());
            assertThat(response.uri()).isEqualTo(URI.create("http://b.example/x"));
            assertThat(response.body()).isEqualTo("fine");
            assertThat(response.previousResponse()).isPresent();
        }
    }

    @Test
    void meshed_requestTimeout_isHttpTimeoutException() {
        use(source.routes("a.example", to("c")).cluster("c", HttpVersion.HTTP_1, at(server.port())));
        HttpRequest request =
                request("http://a.example/slow").timeout(Duration.ofSeconds(1)).build();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class)
                .hasMessage("request timed out");
        assertThatThrownBy(
                        () -> client.sendAsync(request, BodyHandlers.ofString()).get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void anywhere_connectionEndsWithinTheBody_isIOException() {
        try (HostileServer hostile = HostileServer.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.");
        })) {
            use(source.routes("a.example", to("c"))
                    .cluster("c", HttpVersion.HTTP_1, at(hostile.port()))
                    .passthrough("127.0.0.1"));
            assertThatThrownBy(() -> get("http://a.example/"))
                    .isInstanceOf(MeshException.class)
                    .hasMessageContaining("a.example");
            assertThatThrownBy(() -> get("http://" + hostile.authority() + "/")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anywhere_connectionEndsWithinAStreamedBody_endsTheStreamWithAnError() throws Exception {
        try (HostileServer hostile = HostileServer.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.");
        })) {
            use(source.routes("a.example", to("c")).cluster("c", HttpVersion.HTTP_1, at(hostile.port())));
            var response = client.send(request("http://a.example/").build(), BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void configuration_late_isMeshExceptionThatSaysSo() {
        use(new FixedSource().late().passthrough("127.0.0.1"));
        assertThatThrownBy(() -> get("http://a.example/"))
                .isInstanceOf(MeshException.class)
                .hasMessageContaining("the first complete snapshot has not come");
        assertThat(server.connections()).isZero();
        assertThatThrownBy(() -> get("http://" + server.authority() + "/")).isInstanceOf(MeshException.class);
        assertThat(server.connections())
                .as("nothing goes out because configuration is late")
                .isZero();
    }

    @Test
    void destination_refused_isMeshExceptionThatSaysWhy() {
        use(source);
        assertThatThrownBy(() -> get("http://refused.example/"))
                .isInstanceOf(MeshException.class)
                .hasMessageContaining("refused.example")
                .hasMessageContaining("no listener takes");
        assertThatThrownBy(() -> client.sendAsync(
                                request("http://refused.example/").build(), BodyHandlers.ofString())
                        .get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(MeshException.class);
    }

    @Test
    void passthrough_connectionRefused_isConnectException() throws Exception {
        use(source.passthrough("127.0.0.1"));
        int port = refusing();
        assertThatThrownBy(() -> get("http://127.0.0.1:" + port + "/")).isInstanceOf(ConnectException.class);
    }

    @Test
    void passthrough_unknownHost_isConnectException() {
        use(source.passthrough("nowhere.invalid"));
        assertThatThrownBy(() -> get("http://nowhere.invalid/"))
                .isInstanceOf(ConnectException.class)
                .hasRootCauseInstanceOf(UnresolvedAddressException.class);
    }

    @Test
    void passthrough_requestTimeout_isHttpTimeoutException() {
        use(source.passthrough("127.0.0.1"));
        HttpRequest request = request("http://" + server.authority() + "/slow")
                .timeout(Duration.ofSeconds(1))
                .build();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                .isExactlyInstanceOf(HttpTimeoutException.class)
                .hasMessage("request timed out");
    }

    @Test
    void passthrough_noConnectionInTime_isHttpConnectTimeoutException() {
        // A server that accepts and then says nothing: the connection is there for an application only once TLS is.
        try (HostileServer silent = HostileServer.start(peer -> peer.awaitEnd())) {
            use(source);
            URI uri = URI.create("https://" + silent.authority() + "/");
            try (MeshHttpClient impatient = MeshHttpClient.newBuilder(mesh)
                    .connectTimeout(Duration.ofSeconds(1))
                    .build()) {
                HttpRequest request = HttpRequest.newBuilder(uri).build();
                assertThatThrownBy(() -> impatient.send(request, BodyHandlers.ofString()))
                        .isInstanceOf(HttpConnectTimeoutException.class);
            }
            HttpRequest impatient =
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(1)).build();
            assertThatThrownBy(() -> client.send(impatient, BodyHandlers.ofString()))
                    .isInstanceOf(HttpConnectTimeoutException.class)
                    .hasMessage("HTTP connect timed out");
        }
    }

    @Test
    void anywhere_publisherBreaksItsWord_isIOException() {
        use(source.routes("a.example", to("c")).cluster("c", HttpVersion.HTTP_1, at(server.port())));
        assertThatThrownBy(() -> post(BodyPublishers.fromPublisher(BodyPublishers.ofString("four"), 5)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Too few bytes returned by the publisher (4/5)");
        assertThatThrownBy(() -> post(BodyPublishers.fromPublisher(BodyPublishers.ofString("four"), 3)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Too many bytes in request body. Expected: 3, got: 4");
    }

    @Test
    void passthrough_untrustedCertificate_isSSLHandshakeException() {
        TestTls tls = TestTls.forLocalhost();
        try (HttpTestServer secure =
                HttpTestServer.startTls(tls.server(), java.util.List.of(), request -> Response.ok("never"))) {
            use(source);
            assertThatThrownBy(() -> get("https://" + secure.authority() + "/"))
                    .isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void uri_hostWithUnderscore_isRefusedByTheJdkAndHasAnAnswer() throws Exception {
        use(source.routes("orders_v2", to("c")).cluster("c", HttpVersion.HTTP_1, at(server.port())));
        assertThatThrownBy(() -> request("http://orders_v2/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unsupported URI");
        HttpRequest request =
                MeshHttpRequest.withAuthority(request("http://orders/").build(), "orders_v2:8080");
        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("fine");
    }

    @Test
    void body_longerThanTheClientsLimit_isIOExceptionThatNamesTheLimit() {
        use(source.routes("a.example", to("c")).cluster("c", HttpVersion.HTTP_1, at(server.port())));
        try (MeshHttpClient limited =
                MeshHttpClient.newBuilder(mesh).maxResponseBodyBytes(3).build()) {
            assertThatThrownBy(() -> limited.send(request("http://a.example/").build(), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("maxResponseBodyBytes")
                    .hasMessageContaining("3");
        }
    }

    @Test
    void head_longerThanTheClustersLimit_is503() throws Exception {
        String field = "x-long: " + "y".repeat(70_000);
        try (HostileServer hostile =
                HostileServer.answering("HTTP/1.1 200 OK\r\n" + field + "\r\nContent-Length: 0\r\n\r\n")) {
            use(source.routes("a.example", to("c")).cluster("c", HttpVersion.HTTP_1, at(hostile.port())));
            HttpResponse<String> response = get("http://a.example/");
            assertThat(response.statusCode()).isIn(502, 503);
            assertThat(facts(response).flags()).contains(ResponseFlag.UPSTREAM_PROTOCOL_ERROR);
        }
    }

    @Test
    void client_shutDown_isIOException() {
        use(source);
        client.shutdown();
        assertThatThrownBy(() -> get("http://a.example/"))
                .isInstanceOf(IOException.class)
                .hasMessage("closed");
    }

    private void use(FixedSource configured) {
        client.close();
        mesh.close();
        mesh = configured.mesh();
        client = MeshHttpClient.create(mesh);
    }

    private HttpResponse<String> get(String uri) throws IOException, InterruptedException {
        return client.send(request(uri).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(BodyPublisher body) throws IOException, InterruptedException {
        return client.send(request("http://a.example/").POST(body).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String uri) {
        return HttpRequest.newBuilder(URI.create(uri));
    }

    private static Route to(String cluster) {
        return Route.of("to " + cluster, RouteMatch.prefix("/"), Forward.to(cluster));
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** A port that is taken, but that nobody listens on. */
    private int refusing() throws IOException {
        taken.bind(at(0));
        return taken.getLocalPort();
    }

    private static CallFacts facts(HttpResponse<?> response) {
        return MeshHttpResponse.of(response).mesh();
    }

    private static void assertLocalReply(HttpResponse<String> response, int status, String body, ResponseFlag flag) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).isEqualTo(body);
        assertThat(facts(response).flags()).contains(flag);
        assertThat(facts(response).passthrough()).isFalse();
        assertThat(facts(response).explanation().toString()).contains("example");
    }
}
