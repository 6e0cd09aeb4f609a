package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsExchange;
import io.inmesh.model.AccessRules;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.NetworkRbac;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.StringMatcher;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's HttpsServer with real TLS and the real engine. */
class JdkServerTest {
    private static final String CALLER = "spiffe://mesh/ns/test/sa/caller";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ServedMesh mesh = new ServedMesh();
    private final X509Bundle caller = mesh.issue(CALLER);
    private final AtomicInteger adminServed = new AtomicInteger();

    @AfterEach
    void end() {
        mesh.close();
    }

    private JdkTestServer start() throws IOException {
        return start(mesh);
    }

    private JdkTestServer start(ServedMesh served) throws IOException {
        HttpHandler admin = JdkTestServer.echo("ADMIN");
        return new JdkTestServer(
                served,
                Map.of(
                        "/",
                        JdkTestServer.echo("ROOT"),
                        "/public",
                        JdkTestServer.echo("PUBLIC"),
                        "/admin",
                        exchange -> {
                            adminServed.incrementAndGet();
                            admin.handle(exchange);
                        },
                        "/count",
                        exchange -> JdkTestServer.answer(
                                exchange,
                                200,
                                Long.toString(exchange.getRequestBody().transferTo(OutputStream.nullOutputStream())))));
    }

    private WireClient connect(JdkTestServer server, String serverName, String... alpn) throws Exception {
        return WireClient.tls(server.port(), false, mesh.client(caller), serverName, alpn);
    }

    static Stream<Arguments> handshakes() {
        String istio = "outbound_.9080_._.reviews.default.svc.cluster.local";
        String kuma = "orders{mesh=default,version=v1}";
        return Stream.of(
                Arguments.of(istio, List.of("istio-peer-exchange", "istio", "http/1.1"), List.of("h2", "http/1.1")),
                Arguments.of(istio, List.of("istio", "h2", "http/1.1"), List.of("h2", "http/1.1")),
                Arguments.of(kuma, List.of("kuma"), List.of()),
                Arguments.of("", List.of(), List.of("h2", "http/1.1")));
    }

    @ParameterizedTest(name = "SNI {0}, offers {1} of {2}")
    @MethodSource("handshakes")
    void strict_callerOfTheMesh_isServed(String sni, List<String> offered, List<String> server) throws Exception {
        mesh.allowsOnly(CALLER).strict(server.toArray(String[]::new));
        try (JdkTestServer served = start();
                WireClient client = connect(served, sni, offered.toArray(String[]::new))) {
            assertThat(client.selected()).isNotEqualTo("h2");
            for (int i = 0; i < 20; i++) {
                WireClient.Answer answer = client.get("/public/" + i + "?y=%2F");
                assertThat(answer.body())
                        .isEqualTo("PUBLIC|GET|/public/" + i + "?y=%2F|HTTP/1.1|" + CALLER + "|true|true");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.headers()).containsKey("x-envoy-upstream-service-time");
            }
            assertThat(mesh.tls.engines).hasSize(1);
        }
    }

    @ParameterizedTest(name = "verified {0}")
    @CsvSource({"true, 1 CN=workload", "false, nobody"})
    void certificate_ofTheSession_isShownOnlyIfItWasVerified(boolean verified, String shown) throws Exception {
        if (verified) {
            mesh.strict("http/1.1");
        } else {
            mesh.untrusting("http/1.1");
        }
        HttpHandler handler = exchange -> {
            String peer;
            try {
                peer = ((HttpsExchange) exchange).getSSLSession().getPeerCertificates().length + " "
                        + ((HttpsExchange) exchange).getSSLSession().getPeerPrincipal();
            } catch (SSLPeerUnverifiedException e) {
                peer = "nobody";
            }
            JdkTestServer.answer(exchange, 200, peer);
        };
        try (JdkTestServer server = new JdkTestServer(mesh, Map.of("/", handler));
                WireClient client = connect(server, "", "http/1.1")) {
            assertThat(client.get("/x").body()).endsWith(shown);
        }
    }

    @Test
    void strict_callerWithoutCertificateOrTlsOrByHttp2_isNotServed() throws Exception {
        mesh.strict("h2", "http/1.1");
        try (JdkTestServer server = start()) {
            assertThatThrownBy(() -> {
                        try (WireClient client = WireClient.tls(server.port(), false, mesh.client(null), "")) {
                            client.get("/public/x");
                        }
                    })
                    .isInstanceOf(Exception.class);
            assertThatThrownBy(() -> {
                        try (WireClient client = WireClient.clear(server.port(), false)) {
                            client.get("/public/x");
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> {
                        try (WireClient client = WireClient.tls(server.port(), true, mesh.client(caller), "", "h2")) {
                            client.get("/public/x");
                        }
                    })
                    .as("by prior knowledge, as ALPN does not select it")
                    .isInstanceOf(Exception.class);
            await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
        }
    }

    @Test
    void permissive_callerInTheClear_isClosed() throws Exception {
        mesh.permissive(List.of("istio"), "http/1.1");
        try (JdkTestServer server = start();
                WireClient mutual = connect(server, "", "istio", "http/1.1");
                WireClient clear = WireClient.clear(server.port(), false)) {
            assertThat(mutual.get("/public/x").status()).isEqualTo(200);
            assertThatThrownBy(() -> clear.get("/public/x")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void policy_refusesTheCaller_withItsAnswerOnAConnectionThatStays() throws Exception {
        mesh.allowsOnly("spiffe://mesh/ns/test/sa/other").strict("http/1.1");
        try (JdkTestServer server = start();
                WireClient client = connect(server, "", "http/1.1")) {
            for (int i = 0; i < 3; i++) {
                WireClient.Answer answer = client.get("/public/x");
                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.body()).isEqualTo("RBAC: access denied");
                assertThat(answer.headers()).containsEntry("content-type", "text/plain");
            }
            assertThat(client.request("HEAD", "/public/x").headers()).containsEntry("content-length", "19");
            assertThat(client.get("/public/x").status()).isEqualTo(403);
        }
    }

    @Test
    void networkFilter_refusesTheCaller_beforeAnyRequest() throws Exception {
        AccessRules nobody = new AccessRules.Policies(AccessRules.Action.ALLOW, List.of());
        mesh.networkFilter(
                        new NetworkFilterConfig("envoy.filters.network.rbac", new NetworkRbac("in", nobody, null, "")))
                .strict("http/1.1");
        try (JdkTestServer server = start()) {
            assertThatThrownBy(() -> {
                        try (WireClient client = connect(server, "", "http/1.1")) {
                            client.get("/public/x");
                        }
                    })
                    .isInstanceOf(Exception.class);
            await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
            assertThat(mesh.tls.engines).isNotEmpty();
        }
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "/admin, 403",
        "/admin/x, 403",
        "/administrator, 403",
        "/%61dmin, 400",
        "/%2561dmin, 200",
        "/a/..%2fadmin, 400",
        "/a/../admin, 400",
        "/./admin, 400",
        "//admin, 404",
        "///admin, 400",
        "http://shop.local/admin, 403",
        "http://shop.local//admin, 400",
        "http://shop.local/%61dmin, 400",
        "HTTPS://x@shop.local/admin, 403",
        "/admin;x=1, 403",
        "/;x=1/admin, 400",
        "/a/..;/admin, 400",
        "/ADMIN, 200",
        "/admin%2f.., 403",
        "/%2e%2e/admin, 400",
        "/public/..%5cadmin, 400",
        "/public/%c0%af../admin, 400",
        "/public/caf%C3%A9%20au%20lait, 200",
        "/public/a@b, 200",
        "/public/a%40b, 400"
    })
    void path_howeverWritten_isNeverServedUnderAnotherNameThanPoliciesSaw(String path, int status) throws Exception {
        mesh.denies(new StringMatcher.Prefix("/admin", false)).strict("http/1.1");
        try (JdkTestServer server = start();
                WireClient client = connect(server, "", "http/1.1")) {
            WireClient.Answer answer = client.get(path);
            assertThat(answer.body()).doesNotStartWith("ADMIN|");
            assertThat(adminServed).hasValue(0);
            assertThat(answer.status()).isEqualTo(status);
        }
    }

    @Test
    void policy_changesWhileAConnectionLives_countsAtItsNextRequest() throws Exception {
        mesh.strict("http/1.1");
        try (JdkTestServer server = start();
                WireClient client = connect(server, "", "http/1.1")) {
            assertThat(client.get("/admin").status()).isEqualTo(200);
            mesh.denies(new StringMatcher.Prefix("/admin", false)).strict("http/1.1");
            assertThat(client.get("/admin").status()).isEqualTo(403);
            mesh.openToAll().strict("http/1.1");
            assertThat(client.get("/admin").status()).isEqualTo(200);
            assertThat(mesh.tls.engines).hasSize(1);
        }
    }

    @Test
    void connection_whoseChainIsReplaced_endsAfterItsNextResponse() throws Exception {
        mesh.strict("http/1.1");
        try (JdkTestServer server = start();
                WireClient client = connect(server, "", "istio", "http/1.1")) {
            assertThat(client.get("/public/x").headers()).doesNotContainKey("connection");
            mesh.permissive(List.of("istio"), "http/1.1");
            assertThat(client.get("/public/x").headers()).containsEntry("connection", "close");
            await().atMost(LIMIT).until(() -> !client.isOpen());
        }
    }

    @Test
    void secrets_rotated_newConnectionsSeeThemAndOldOnesGoOn() throws Exception {
        mesh.strict("http/1.1");
        try (JdkTestServer server = start();
                WireClient before = connect(server, "", "http/1.1")) {
            assertThat(before.get("/public/x").status()).isEqualTo(200);
            X509Bundle renewed = mesh.issue("spiffe://mesh/ns/test/sa/renewed");
            mesh.rotate(renewed);
            await().atMost(LIMIT).untilAsserted(() -> {
                try (WireClient after = connect(server, "", "http/1.1")) {
                    assertThat(after.get("/public/x").status()).isEqualTo(200);
                    assertThat(after.server()).isEqualTo(renewed.getCertificate());
                }
            });
            assertThat(before.get("/public/x").status()).isEqualTo(200);
        }
    }

    @Test
    void request_thatTheMeshRewrites_isServedAsRewritten() throws Exception {
        mesh.routes(Route.of(
                "api",
                RouteMatch.prefix("/api"),
                RouteAction.Forward.to("app").with(new RouteAction.PathRewrite.Prefix("/public"), null)));
        mesh.strict("http/1.1");
        HttpHandler original = exchange -> JdkTestServer.answer(
                exchange,
                200,
                exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("X-Envoy-Original-Path") + " "
                        + exchange.getRequestHeaders().getFirst("Host") + " "
                        + exchange.getHttpContext().getPath());
        try (JdkTestServer server = new JdkTestServer(mesh, Map.of("/public", original, "/api", original));
                WireClient client = connect(server, "", "http/1.1")) {
            assertThat(client.get("/api/x?q=1").body()).isEqualTo("/public/x?q=1 /api/x?q=1 shop.local /public");
            assertThat(client.get("/public/x").status())
                    .as("the mesh has no route for it")
                    .isEqualTo(404);
        }
    }

    @Test
    void applicationsOwnAnswers_passTheMesh() throws Exception {
        mesh.strict("http/1.1");
        Map<String, HttpHandler> contexts = Map.of(
                "/empty",
                exchange -> {
                    exchange.sendResponseHeaders(204, -1);
                    exchange.getResponseBody().close();
                    exchange.close();
                },
                "/fails",
                exchange -> {
                    throw new IllegalStateException("on purpose");
                },
                "/twice",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    assertThatThrownBy(() -> exchange.sendResponseHeaders(200, 0))
                            .isInstanceOf(IOException.class);
                    exchange.getResponseBody().write("once".getBytes(StandardCharsets.UTF_8));
                    exchange.getResponseBody().close();
                });
        try (JdkTestServer server = new JdkTestServer(mesh, contexts);
                WireClient client = connect(server, "", "http/1.1")) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/empty").status()).isEqualTo(204);
                assertThat(client.get("/twice").body()).isEqualTo("once");
                WireClient.Answer missing = client.get("/missing");
                assertThat(missing.status()).isEqualTo(404);
                assertThat(missing.headers()).containsKey("x-envoy-upstream-service-time");
            }
            assertThatThrownBy(() -> client.get("/fails")).isInstanceOf(IOException.class);
            await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
        }
    }

    @Test
    void context_withFiltersAndAnAuthenticator_runsThemAfterTheMesh() throws Exception {
        mesh.denies(new StringMatcher.Prefix("/own/secret", false)).strict("http/1.1");
        AtomicInteger filtered = new AtomicInteger();
        try (JdkTestServer server = new JdkTestServer(mesh, Map.of("/own", JdkTestServer.echo("OWN")));
                WireClient client = connect(server, "", "http/1.1")) {
            var context = server.server.createContext("/basic", JdkTestServer.echo("BASIC"));
            context.getFilters().add(new Filter() {
                @Override
                public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                    filtered.incrementAndGet();
                    chain.doFilter(exchange);
                }

                @Override
                public String description() {
                    return "counts";
                }
            });
            Authenticator basic = new BasicAuthenticator("here") {
                @Override
                public boolean checkCredentials(String name, String password) {
                    return name.equals("user") && password.equals("word");
                }
            };
            context.setAuthenticator(basic);
            assertThat(client.get("/own/secret").status()).isEqualTo(403);
            assertThat(client.get("/basic").status()).isEqualTo(401);
            String credentials = Base64.getEncoder().encodeToString("user:word".getBytes(StandardCharsets.UTF_8));
            assertThat(client.get("/basic", "Authorization", "Basic " + credentials)
                            .body())
                    .isEqualTo("BASIC|GET|/basic|HTTP/1.1|user|true|true");
            assertThat(filtered).hasValue(2);
            server.server.removeContext(context);
            assertThat(client.get("/basic").status()).isEqualTo(404);
        }
    }

    @Test
    void bodies_ofJdkClientWithACertificate_stream() throws Exception {
        mesh.rotate(named());
        mesh.allowsOnly(CALLER).strict("http/1.1");
        CountDownLatch firstSeen = new CountDownLatch(1);
        Map<String, HttpHandler> contexts = Map.of(
                "/slow",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream body = exchange.getResponseBody()) {
                        body.write("first,".getBytes(StandardCharsets.UTF_8));
                        body.flush();
                        body.write((firstSeen.await(60, TimeUnit.SECONDS) ? "second" : "late")
                                .getBytes(StandardCharsets.UTF_8));
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                },
                "/mirror",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream body = exchange.getResponseBody()) {
                        exchange.getRequestBody().transferTo(body);
                    }
                });
        try (JdkTestServer server = new JdkTestServer(mesh, contexts)) {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(context(caller))
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            String base = "https://localhost:" + server.port();
            HttpResponse<InputStream> slow = client.send(
                    HttpRequest.newBuilder(URI.create(base + "/slow")).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = slow.body()) {
                assertThat(body.readNBytes(6)).isEqualTo("first,".getBytes(StandardCharsets.UTF_8));
                firstSeen.countDown();
                assertThat(body.readAllBytes()).isEqualTo("second".getBytes(StandardCharsets.UTF_8));
            }
            byte[] sent = new byte[3_000_000];
            new java.util.Random(7).nextBytes(sent);
            HttpResponse<byte[]> mirrored = client.send(
                    HttpRequest.newBuilder(URI.create(base + "/mirror"))
                            .POST(HttpRequest.BodyPublishers.ofInputStream(
                                    () -> new java.io.ByteArrayInputStream(sent)))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(mirrored.body()).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void request_rightBehindAHandshake_isServed_alsoInAResumedSession(String version) throws Exception {
        mesh.strict("http/1.1");
        SSLContext context = context(caller);
        try (JdkTestServer server = start()) {
            for (int i = 0; i < 5; i++) {
                try (SSLSocket socket =
                        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port())) {
                    socket.setEnabledProtocols(new String[] {version});
                    socket.setSoTimeout(60_000);
                    String request = "GET /public/x HTTP/1.1\r\nHost: a\r\n";
                    String twice = request + "\r\n" + request + "Connection: close\r\n\r\n";
                    socket.getOutputStream().write(twice.getBytes(StandardCharsets.ISO_8859_1));
                    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                    assertThat(answer.split("PUBLIC\\|GET\\|/public/x\\|HTTP/1.1\\|" + CALLER, -1))
                            .hasSize(3);
                }
            }
            await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
        }
    }

    @Test
    void caller_whoIsAMeshHttpClient_isServedAndKnown() throws Exception {
        mesh.allowsOnly(CALLER).strict("h2", "http/1.1");
        try (JdkTestServer server = start();
                CallingMesh known = new CallingMesh(
                        server.port(), mesh.tls, mesh.client(caller, "http/1.1").settings());
                CallingMesh other = new CallingMesh(
                        server.port(),
                        mesh.tls,
                        mesh.client(mesh.issue("spiffe://mesh/ns/test/sa/other"), "http/1.1")
                                .settings())) {
            HttpRequest post = HttpRequest.newBuilder(URI.create("http://shop.local/count"))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[1_000_000]))
                    .build();
            HttpRequest get = HttpRequest.newBuilder(URI.create("http://shop.local/public/x"))
                    .build();
            for (int i = 0; i < 5; i++) {
                assertThat(known.client
                                .send(get, HttpResponse.BodyHandlers.ofString())
                                .body())
                        .isEqualTo("PUBLIC|GET|/public/x|HTTP/1.1|" + CALLER + "|true|true");
                assertThat(known.client
                                .send(post, HttpResponse.BodyHandlers.ofString())
                                .body())
                        .isEqualTo("1000000");
                assertThat(other.client
                                .send(get, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(403);
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "two lengths; 400; GET /public/x HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1||x",
                "length and chunked; 400; POST /public/x HTTP/1.1|Host: a|Content-Length: 3|Transfer-Encoding: chunked||0||",
                "another coding; 501; POST /public/x HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||0||",
                "signed length; 400; POST /public/x HTTP/1.1|Host: a|Content-Length: +1||x",
                "two hosts; 400; GET /public/x HTTP/1.1|Host: a|Host: b||",
                "no host; 400; GET /public/x HTTP/1.1||",
                "HTTP/1.0; 426; GET /public/x HTTP/1.0|Host: a||",
                "no version; 400; GET /public/x FOO|Host: a||"
            })
    void request_thatCanBeReadInTwoWays_isRefusedAndTheConnectionClosed(String what, int status, String text)
            throws Exception {
        mesh.strict("http/1.1");
        try (JdkTestServer server = start();
                SSLSocket socket =
                        (SSLSocket) context(caller).getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(60_000);
            String sent = text.replace("|", "\r\n") + "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).as(what).startsWith("HTTP/1.1 " + status + " ");
            assertThat(answer.split("HTTP/1\\.1 ")).hasSize(2);
            assertThat(adminServed).hasValue(0);
        }
    }

    @Test
    void engines_ofAThousandConnections_areAllGivenBack() throws Exception {
        mesh.denies(new StringMatcher.Prefix("/admin", false)).strict("http/1.1");
        try (JdkTestServer server = start()) {
            for (int i = 0; i < 1000; i++) {
                try (WireClient client = connect(server, "a" + i + ".local", "http/1.1")) {
                    switch (i % 4) {
                        case 0 -> assertThat(client.get("/public/x").status()).isEqualTo(200);
                        case 1 -> assertThat(client.get("/admin").status()).isEqualTo(403);
                        case 2 ->
                            assertThat(client.post("/count", new byte[70_000]).body())
                                    .isEqualTo("70000");
                        default -> {} // gone after its handshake
                    }
                }
            }
            assertThat(mesh.tls.engines).hasSize(1000);
            await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
            try (WireClient left = connect(server, "", "http/1.1")) {
                assertThat(left.get("/public/x").status()).isEqualTo(200);
                assertThat(mesh.tls.held()).isEqualTo(1);
                server.server.stop(0);
                await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
            }
        }
    }

    @Test
    void jdkProvider_servesCallersWhoseServerNameIsAHostName_andNoOthers() throws Exception {
        System.setProperty("io.inmesh.transport.provider", "jdk");
        try (ServedMesh own = new ServedMesh()) {
            own.allowsOnly(CALLER).strict("http/1.1");
            X509Bundle identity = own.issue(CALLER);
            try (JdkTestServer server = start(own)) {
                try (WireClient client =
                        WireClient.tls(server.port(), false, own.client(identity), "shop.local", "http/1.1")) {
                    for (int i = 0; i < 5; i++) {
                        assertThat(client.get("/public/x").body())
                                .isEqualTo("PUBLIC|GET|/public/x|HTTP/1.1|" + CALLER + "|true|true");
                        assertThat(client.post("/count", new byte[100_000]).body())
                                .isEqualTo("100000");
                    }
                }
                assertThatThrownBy(() -> WireClient.tls(
                                server.port(), false, own.client(identity), "outbound_.80_._.shop.local", "http/1.1"))
                        .isInstanceOf(Exception.class);
            }
        } finally {
            System.clearProperty("io.inmesh.transport.provider");
        }
    }

    @Test
    void dispatch_onAServerThatIsNotTheMeshs_refusesEverything() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        JdkContexts contexts = new JdkContexts(server);
        contexts.add("/", JdkTestServer.echo("ROOT"));
        server.createContext("/", new JdkDispatch(contexts));
        server.start();
        try (WireClient client = WireClient.clear(server.getAddress().getPort(), false)) {
            WireClient.Answer answer = client.get("/public/x");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).isEmpty();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void server_onAllInterfaces_isNotBound() throws Exception {
        MeshHttpsServer server = MeshHttpsServer.create(mesh.inbound, mesh.tls);
        assertThatThrownBy(() -> server.bind(new InetSocketAddress(0), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one interface");
        assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
    }

    /** The server's identity, which also has the host's name, for clients that are not of the mesh. */
    private X509Bundle named() throws Exception {
        return new CertificateBuilder()
                .subject("CN=workload")
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .addSanDnsName("localhost")
                .buildIssuedBy(mesh.root);
    }

    private SSLContext context(@Nullable X509Bundle identity) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        char[] password = "password".toCharArray();
        keys.init(identity == null ? null : identity.toKeyStore(password), password);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("root", mesh.root.getCertificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
        return context;
    }
}
