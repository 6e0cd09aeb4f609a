package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.StringMatcher;
import io.netty.pkitesting.X509Bundle;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tomcat and Jetty, each with real TLS and the real engine. */
class ServletContainerTest {
    private static final String CALLER = "spiffe://mesh/ns/test/sa/caller";
    private static final List<String> ISTIO = List.of("istio-peer-exchange", "istio", "istio-http/1.1", "istio-h2");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ServedMesh mesh = new ServedMesh();
    private final X509Bundle caller = mesh.issue(CALLER);

    @AfterEach
    void end() {
        mesh.close();
    }

    /** Says what the application sees. */
    private static final class Echo extends HttpServlet {
        private final String name;

        Echo(String name) {
            this.name = name;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType("text/plain");
            response.getWriter()
                    .print(String.join(
                            "|",
                            name,
                            request.getMethod(),
                            request.getRequestURI(),
                            String.valueOf(request.getQueryString()),
                            request.getProtocol(),
                            request.isSecure() ? "secure" : "clear",
                            String.valueOf(request.getUserPrincipal()),
                            String.valueOf(request.getAttribute("jakarta.servlet.request.X509Certificate") != null)));
        }
    }

    /** Says how much came. */
    private static final class Count extends HttpServlet {
        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter()
                    .print(request.getInputStream().readAllBytes().length + " "
                            + request.getHeader("x-envoy-original-path"));
        }
    }

    /** Answers from another thread. */
    private static final class Late extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) {
            AsyncContext later = request.startAsync();
            later.start(() -> {
                try {
                    response.getWriter().print("late");
                    response.flushBuffer();
                    response.getWriter().print(" and more");
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                } finally {
                    later.complete();
                }
            });
        }
    }

    /** Forwards, or fails, so that the container dispatches a second time. */
    private static final class Dispatching extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if ("fail".equals(request.getQueryString())) {
                throw new IllegalStateException("on purpose");
            }
            try {
                request.getRequestDispatcher("/public/forwarded").forward(request, response);
            } catch (jakarta.servlet.ServletException e) {
                throw new IOException(e);
            }
        }
    }

    private Container start(Container.Kind kind) throws Exception {
        Map<String, Servlet> servlets = Map.of(
                "/public/*", new Echo("PUBLIC"),
                "/admin/*", new Echo("ADMIN"),
                "/count", new Count(),
                "/late", new Late(),
                "/dispatch", new Dispatching());
        return kind.start(mesh, servlets);
    }

    private WireClient tls(Container container, boolean http2, String serverName, String... alpn) throws Exception {
        return WireClient.tls(container.port(), http2, mesh.client(caller), serverName, alpn);
    }

    static Stream<Arguments> handshakes() {
        List<Arguments> rows = new ArrayList<>();
        for (Container.Kind kind : Container.Kind.values()) {
            String istio = "outbound_.9080_._.reviews.default.svc.cluster.local";
            String kuma = "orders{mesh=default,version=v1}";
            rows.add(Arguments.of(
                    kind, istio, List.of("istio-peer-exchange", "istio", "h2"), List.of("h2", "http/1.1"), true, "h2"));
            rows.add(Arguments.of(
                    kind, istio, List.of("istio", "http/1.1"), List.of("h2", "http/1.1"), false, "http/1.1"));
            rows.add(Arguments.of(kind, kuma, List.of("kuma"), List.of(), true, ""));
            rows.add(Arguments.of(kind, kuma, List.of("kuma"), List.of(), false, ""));
            rows.add(Arguments.of(kind, "", List.of(), List.of("h2", "http/1.1"), false, ""));
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}: SNI {1}, offers {2} of {3}, HTTP/2 {4}")
    @MethodSource("handshakes")
    void strict_callerOfTheMesh_isServed(
            Container.Kind kind, String sni, List<String> offered, List<String> server, boolean http2, String selected)
            throws Exception {
        mesh.allowsOnly(CALLER).strict(server.toArray(String[]::new));
        try (Container container = start(kind);
                WireClient client = tls(container, http2, sni, offered.toArray(String[]::new))) {
            WireClient.Answer answer = client.get("/public/x?y=%2F");
            assertThat(answer.body())
                    .isEqualTo("PUBLIC|GET|/public/x|y=%2F|" + (http2 ? "HTTP/2.0" : "HTTP/1.1") + "|secure|" + CALLER
                            + "|true");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers()).containsKey("x-envoy-upstream-service-time");
            assertThat(client.selected() == null ? "" : client.selected()).isEqualTo(selected);
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/public/" + i).body()).startsWith("PUBLIC|GET|/public/" + i + "|");
            }
        }
    }

    /** A caller that was let in by a chain that is gone, from PERMISSIVE to STRICT say, would otherwise be judged by what was in force that day. */
    @ParameterizedTest
    @EnumSource
    void connection_whoseChainIsGone_isToldAndClosed(Container.Kind kind) throws Exception {
        mesh.permissive(ISTIO, "h2", "http/1.1");
        try (Container container = start(kind);
                Http2Client http2 = new Http2Client(container.port());
                RawClient http1 = new RawClient(container.port())) {
            Http2Client.Stream before = http2.get("/public/x");
            await().atMost(LIMIT).until(before::isEnded);
            assertThat(before.status()).isEqualTo(200);
            http1.send("GET /public/x HTTP/1.1\r\nHost: shop\r\n\r\n");
            assertThat(http1.response().status()).isEqualTo(200);

            mesh.strict("h2", "http/1.1");

            await().atMost(LIMIT).until(() -> !http2.goAways.isEmpty());
            await().atMost(LIMIT).until(() -> !http2.isOpen());
            assertThat(http1.isClosed()).isTrue();
        }
    }

    /** Whoever authenticates by the certificate would believe whatever a stranger has written into his own. */
    @ParameterizedTest
    @EnumSource
    void certificate_acceptedUntrusted_isNotShownToTheApplication(Container.Kind kind) throws Exception {
        mesh.untrusting("h2", "http/1.1");
        try (Container container = start(kind)) {
            for (boolean http2 : new boolean[] {false, true}) {
                try (WireClient client = tls(container, http2, "", http2 ? "h2" : "http/1.1")) {
                    assertThat(client.get("/public/x").body()).endsWith("|secure|null|false");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void strict_callerWithoutCertificateOrTls_isRefused(Container.Kind kind) throws Exception {
        mesh.strict("h2", "http/1.1");
        try (Container container = start(kind)) {
            assertThatThrownBy(() -> {
                        try (WireClient client = WireClient.tls(container.port(), false, mesh.client(null), "")) {
                            client.get("/public/x");
                        }
                    })
                    .isInstanceOf(Exception.class);
            assertThatThrownBy(() -> {
                        try (WireClient client = WireClient.clear(container.port(), false)) {
                            client.get("/public/x");
                        }
                    })
                    .isInstanceOf(IOException.class);
            await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void permissive_onOnePort_takesMutualTlsAndBothVersionsInTheClear(Container.Kind kind) throws Exception {
        mesh.permissive(ISTIO, "h2", "http/1.1");
        try (Container container = start(kind);
                WireClient mutual = tls(container, true, "outbound_.80_._.shop.local", "istio", "h2");
                WireClient clear = WireClient.clear(container.port(), false);
                WireClient clear2 = WireClient.clear(container.port(), true)) {
            assertThat(mutual.get("/public/a").body())
                    .isEqualTo("PUBLIC|GET|/public/a|null|HTTP/2.0|secure|" + CALLER + "|true");
            assertThat(clear.get("/public/b").body()).isEqualTo("PUBLIC|GET|/public/b|null|HTTP/1.1|clear|null|false");
            assertThat(clear.get("/public/b2").body())
                    .isEqualTo("PUBLIC|GET|/public/b2|null|HTTP/1.1|clear|null|false");
            assertThat(clear2.get("/public/c").body()).isEqualTo("PUBLIC|GET|/public/c|null|HTTP/2.0|clear|null|false");
            assertThatThrownBy(() -> tls(container, false, "x", "http/1.1").get("/public/d"))
                    .as("no chain takes TLS of one who offers nothing of the mesh")
                    .isInstanceOf(Exception.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void policy_refusesTheCaller_withItsAnswer(Container.Kind kind) throws Exception {
        mesh.allowsOnly("spiffe://mesh/ns/test/sa/other").strict("h2", "http/1.1");
        try (Container container = start(kind)) {
            for (boolean http2 : new boolean[] {false, true}) {
                try (WireClient client = tls(container, http2, "", http2 ? "h2" : "http/1.1")) {
                    for (int i = 0; i < 3; i++) {
                        WireClient.Answer answer = client.get("/public/x");
                        assertThat(answer.status()).isEqualTo(403);
                        assertThat(answer.body()).isEqualTo("RBAC: access denied");
                        assertThat(answer.headers()).containsEntry("content-type", "text/plain");
                    }
                }
            }
        }
    }

    static Stream<Arguments> paths() {
        List<Arguments> rows = new ArrayList<>();
        for (Container.Kind kind : Container.Kind.values()) {
            for (boolean http2 : new boolean[] {false, true}) {
                rows.add(Arguments.of(kind, http2, "/admin", 403));
                rows.add(Arguments.of(kind, http2, "/admin/x", 403));
                rows.add(Arguments.of(kind, http2, "/%61dmin", 400));
                rows.add(Arguments.of(kind, http2, "/a/..%2fadmin", 400));
                rows.add(Arguments.of(kind, http2, "/a/../admin", 400));
                rows.add(Arguments.of(kind, http2, "/./admin", 400));
                rows.add(Arguments.of(kind, http2, "//admin", 400));
                rows.add(Arguments.of(kind, http2, "/admin;x=1", 403));
                rows.add(Arguments.of(kind, http2, "/;x=1/admin", 400));
                rows.add(Arguments.of(kind, http2, "/a/..;/admin", 400));
                rows.add(Arguments.of(kind, http2, "/ADMIN", 404));
                rows.add(Arguments.of(kind, http2, "/admin%2f..", kind == Container.Kind.JETTY ? 400 : 403));
                rows.add(Arguments.of(kind, http2, "/%2e%2e/", 400));
                rows.add(Arguments.of(kind, http2, "/%2e/admin", 400));
                rows.add(Arguments.of(kind, http2, "/public/..%5cadmin", 400));
                rows.add(Arguments.of(kind, http2, "/public/%c0%af../admin", 400));
                rows.add(Arguments.of(
                        kind, http2, "/public/%252e%252e/admin", kind == Container.Kind.JETTY ? 400 : 200));
                rows.add(Arguments.of(kind, http2, "/public/caf%C3%A9%20au%20lait", 200));
                rows.add(Arguments.of(kind, http2, "/public/caf%c3%a9", 400));
                rows.add(Arguments.of(kind, http2, "/public/a%40b", 400));
                rows.add(Arguments.of(kind, http2, "/public/a@b,c...d", 200));
            }
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}: {2} is {3}")
    @MethodSource("paths")
    void path_howeverWritten_isNeverServedUnderAnotherNameThanPoliciesSaw(
            Container.Kind kind, boolean http2, String path, int status) throws Exception {
        mesh.denies(new StringMatcher.Prefix("/admin", false)).permissive(ISTIO);
        try (Container container = start(kind);
                WireClient client = WireClient.clear(container.port(), http2)) {
            WireClient.Answer answer = client.get(path);
            assertThat(answer.body()).doesNotContain("ADMIN|");
            assertThat(answer.status()).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @EnumSource
    void policy_changesWhileAConnectionLives_countsAtItsNextRequest(Container.Kind kind) throws Exception {
        mesh.strict("h2", "http/1.1");
        try (Container container = start(kind);
                WireClient one = tls(container, false, "", "http/1.1");
                WireClient two = tls(container, true, "", "h2")) {
            assertThat(one.get("/admin").status()).isEqualTo(200);
            assertThat(two.get("/admin").status()).isEqualTo(200);
            mesh.denies(new StringMatcher.Prefix("/admin", false)).strict("h2", "http/1.1");
            assertThat(one.get("/admin").status()).isEqualTo(403);
            assertThat(two.get("/admin").status()).isEqualTo(403);
            assertThat(two.get("/public/x").status()).isEqualTo(200);
            mesh.openToAll().strict("h2", "http/1.1");
            assertThat(two.get("/admin").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource
    void secrets_rotated_newConnectionsSeeThemAndOldOnesGoOn(Container.Kind kind) throws Exception {
        mesh.strict("h2", "http/1.1");
        try (Container container = start(kind);
                WireClient before = tls(container, true, "", "h2")) {
            assertThat(before.get("/public/x").status()).isEqualTo(200);
            X509Bundle renewed = mesh.issue("spiffe://mesh/ns/test/sa/renewed");
            mesh.rotate(renewed);
            await().atMost(LIMIT).untilAsserted(() -> {
                try (WireClient after = tls(container, false, "", "http/1.1")) {
                    assertThat(after.get("/public/x").status()).isEqualTo(200);
                    assertThat(after.server()).isEqualTo(renewed.getCertificate());
                }
            });
            assertThat(before.get("/public/x").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource
    void engines_ofManyConnections_areAllGivenBack(Container.Kind kind) throws Exception {
        mesh.strict("h2", "http/1.1");
        try (Container container = start(kind)) {
            for (int i = 0; i < 60; i++) {
                boolean http2 = i % 2 == 0;
                try (WireClient client = tls(container, http2, "", http2 ? "h2" : "http/1.1")) {
                    assertThat(client.get("/public/x").status()).isEqualTo(200);
                }
            }
            assertThat(mesh.tls.engines).hasSizeGreaterThanOrEqualTo(60);
            await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
            try (WireClient left = tls(container, false, "", "http/1.1")) {
                assertThat(left.get("/public/x").status()).isEqualTo(200);
                assertThat(mesh.tls.held()).isEqualTo(1);
                container.stop();
                await().atMost(LIMIT).until(() -> mesh.tls.held() == 0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void servlets_thatDispatchOrAnswerLater_passPoliciesOnceAndTheirResponsesTheMesh(Container.Kind kind)
            throws Exception {
        mesh.denies(new StringMatcher.Prefix("/public/forwarded", false)).permissive(ISTIO);
        try (Container container = start(kind)) {
            for (boolean http2 : new boolean[] {false, true}) {
                WireClient.Answer late = once(container, http2, "/late");
                assertThat(late.body()).isEqualTo("late and more");
                assertThat(late.headers()).containsKey("x-envoy-upstream-service-time");
                WireClient.Answer forwarded = once(container, http2, "/dispatch");
                assertThat(forwarded.body()).startsWith("PUBLIC|GET|/public/forwarded|");
                WireClient.Answer failed = once(container, http2, "/dispatch?fail");
                assertThat(failed.status()).isEqualTo(500);
                assertThat(failed.headers()).containsKey("x-envoy-upstream-service-time");
                WireClient.Answer missing = once(container, http2, "/missing");
                assertThat(missing.status()).isEqualTo(404);
                assertThat(missing.headers()).containsKey("x-envoy-upstream-service-time");
                assertThat(once(container, http2, "/public/forwarded").status()).isEqualTo(403);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void request_thatTheMeshRewrites_isServedAsRewritten(Container.Kind kind) throws Exception {
        mesh.routes(
                Route.of(
                        "api",
                        RouteMatch.prefix("/api"),
                        RouteAction.Forward.to("app").with(new RouteAction.PathRewrite.Prefix("/public"), null)),
                Route.of(
                        "sum",
                        RouteMatch.prefix("/sum"),
                        RouteAction.Forward.to("app").with(new RouteAction.PathRewrite.Prefix("/count"), null)));
        mesh.permissive(ISTIO, "http/1.1");
        try (Container container = start(kind)) {
            for (boolean http2 : new boolean[] {false, true}) {
                assertThat(once(container, http2, "/api/x?q=1").body()).startsWith("PUBLIC|GET|/public/x|q=1|");
                assertThat(once(container, http2, "/public/x").status()).isEqualTo(404);
            }
            byte[] body = new byte[300_000];
            try (WireClient clear = WireClient.clear(container.port(), false);
                    WireClient mutual = tls(container, false, "", "istio", "http/1.1")) {
                for (WireClient each : List.of(clear, mutual)) {
                    assertThat(each.post("/sum", body).body()).isEqualTo("300000 /sum");
                    assertThat(each.post("/sum", new byte[5]).body()).isEqualTo("5 /sum");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void connection_whoseChainIsReplaced_endsAfterItsNextResponse(Container.Kind kind) throws Exception {
        mesh.strict("h2", "http/1.1");
        try (Container container = start(kind);
                WireClient client = tls(container, false, "", "http/1.1")) {
            assertThat(client.get("/public/x").headers()).doesNotContainKey("connection");
            mesh.permissive(ISTIO, "h2", "http/1.1");
            assertThat(client.get("/public/x").headers()).containsEntry("connection", "close");
            await().atMost(LIMIT).until(() -> !client.isOpen());
        }
    }

    @Test
    void filter_inAContainerThatIsNotTheMeshs_refusesEverything() throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addFilter(new FilterHolder(new MeshServletFilter(true)), "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new Echo("PUBLIC")), "/public/*");
        server.setHandler(context);
        server.start();
        try (WireClient client = WireClient.clear(connector.getLocalPort(), false)) {
            WireClient.Answer answer = client.get("/public/x", MeshServletFilter.CONNECTION, "forged");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).doesNotContain("PUBLIC|");
        } finally {
            server.stop();
        }
    }

    @Test
    void jettyHandler_behindAConnectorThatIsNotTheMeshs_refusesEverything() throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new MeshJettyHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.write(true, null, callback);
                return true;
            }
        }));
        server.start();
        try (WireClient client = WireClient.clear(connector.getLocalPort(), false)) {
            assertThat(client.get("/public/x").status()).isEqualTo(503);
        } finally {
            server.stop();
        }
    }

    @Test
    void jettyConnector_withoutItsHandler_doesNotStart() {
        Server server = new Server();
        server.addConnector(new MeshJettyConnector(server, mesh.inbound, mesh.tls, new HttpConfiguration()));
        assertThatThrownBy(server::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("MeshJettyHandler");
    }

    @Test
    void tomcatProtocol_thatWasNotToldOfItsMesh_doesNotStart() {
        Connector connector = new Connector(new MeshTomcatProtocol());
        connector.setPort(0);
        connector.setThrowOnFailure(true);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
        tomcat.setConnector(connector);
        assertThatThrownBy(tomcat::start)
                .isInstanceOf(LifecycleException.class)
                .hasStackTraceContaining("call mesh(listeners, tls)");
        assertThatCode(tomcat::stop).doesNotThrowAnyException();
    }

    private static WireClient.Answer once(Container container, boolean http2, String path) throws Exception {
        try (WireClient client = WireClient.clear(container.port(), http2)) {
            return client.get(path);
        }
    }
}
