package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessRules;
import io.inmesh.model.ClientRules;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.HeaderMutation;
import io.inmesh.model.HeaderMutationFilter;
import io.inmesh.model.LevelRules;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.NetworkRbac;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.UrlRules;
import io.inmesh.model.UrlRules.EscapedSlashes;
import io.inmesh.model.UrlRules.PortStrip;
import io.netty.pkitesting.X509Bundle;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What else a control plane may ask of a request and of its connection, in Tomcat and in Jetty over both versions of HTTP. */
@Timeout(180)
class ServletMeshTest {
    private static final String SERVER = "spiffe://mesh/ns/test/sa/server";
    private static final String CALLER = "spiffe://mesh/ns/test/sa/caller";

    private final ServedMesh mesh = new ServedMesh();
    private final AtomicInteger served = new AtomicInteger();

    @AfterEach
    void end() {
        mesh.close();
    }

    /** Says what the application sees, once it has read the whole body. */
    private final class Plain extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            served.incrementAndGet();
            int length = request.getInputStream().readAllBytes().length;
            response.setHeader("x-application", "says");
            response.setHeader("x-certificate", request.getHeader("x-forwarded-client-cert"));
            response.getWriter().print(request.getServletPath() + "|" + request.getRequestURI() + "|" + length);
        }
    }

    /** Reads as much as was announced, and no further. */
    private static final class Exact extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            int length = request.getInputStream().readNBytes(request.getContentLength()).length;
            response.getWriter().print(length);
        }
    }

    /** Takes its time after it has read the body. */
    private static final class Slow extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            request.getInputStream().readAllBytes();
            try {
                assertThat(new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS))
                        .isFalse();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            response.getWriter().print("too late");
        }
    }

    private Container start(Container.Kind kind) throws Exception {
        return kind.start(mesh, servlets());
    }

    private Map<String, Servlet> servlets() {
        return Map.of("/admin/*", new Plain(), "/public/*", new Plain(), "/exact", new Exact(), "/slow", new Slow());
    }

    static Stream<Arguments> containers() {
        return Stream.of(Container.Kind.values())
                .flatMap(kind -> Stream.of(Arguments.of(kind, false), Arguments.of(kind, true)));
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void connection_thatANetworkFilterRefuses_isClosedBeforeAnyRequest(Container.Kind kind, boolean http2)
            throws Exception {
        AccessRules.Policies nobody = new AccessRules.Policies(
                AccessRules.Action.ALLOW,
                List.of(new AccessRules.Policy(
                        "nobody",
                        List.of(new AccessCondition.Any()),
                        List.of(new AccessCondition.Authenticated(new StringMatcher.Exact("nobody", false))))));
        mesh.networkFilter(new NetworkFilterConfig("rbac", new NetworkRbac("in", nobody, null, "")))
                .permissive(List.of("istio"), "h2", "http/1.1");
        X509Bundle caller = mesh.issue(CALLER);
        try (Container container = start(kind)) {
            assertThatThrownBy(() -> {
                        try (WireClient clear = WireClient.clear(container.port(), http2)) {
                            clear.get("/public/x");
                        }
                    })
                    .as("in the clear")
                    .satisfies(ServletMeshTest::isOfTheConnection);
            assertThatThrownBy(() -> {
                        try (WireClient mutual = WireClient.tls(
                                container.port(), http2, mesh.client(caller), "", "istio", http2 ? "h2" : "http/1.1")) {
                            mutual.get("/public/x");
                        }
                    })
                    .as("over mutual TLS")
                    .satisfies(ServletMeshTest::isOfTheConnection);
            assertThat(served).hasValue(0);

            mesh.openToAll().permissive(List.of("istio"), "h2", "http/1.1");
            assertThat(ask(container, http2, "/public/x").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void response_changedByRouteAndFilter_goesOutChanged(Container.Kind kind, boolean http2) throws Exception {
        LevelRules ofRoute = new LevelRules(
                HeaderMutation.NONE,
                new HeaderMutation(
                        List.of(put("x-route", "yes", HeaderEdit.AppendAction.APPEND_IF_EXISTS_OR_ADD)),
                        List.of("x-certificate")),
                Map.of());
        mesh.routes(new Route("all", RouteMatch.prefix("/"), RouteAction.Forward.to("app"), ofRoute, -1, Map.of()))
                .filter(
                        "mutation",
                        new HeaderMutationFilter(
                                List.of(put("x-forwarded-client-cert", "forged", OVERWRITE)),
                                List.of(),
                                List.of(
                                        put("x-application", "changed", OVERWRITE),
                                        put("content-type", "application/x-changed", OVERWRITE),
                                        new HeaderEdit.Remove("x-envoy-upstream-service-time")),
                                List.of(),
                                List.of(),
                                false))
                .permissive(List.of("istio"));
        try (Container container = start(kind)) {
            WireClient.Answer answer = ask(container, http2, "/public/x");
            assertThat(answer.body()).isEqualTo("/public|/public/x|0");
            assertThat(answer.headers())
                    .containsEntry("x-route", "yes")
                    .containsEntry("x-application", "changed")
                    .containsEntry("content-type", "application/x-changed")
                    .doesNotContainKeys("x-certificate", "x-envoy-upstream-service-time");
        }
    }

    private static final HeaderEdit.AppendAction OVERWRITE = HeaderEdit.AppendAction.OVERWRITE_IF_EXISTS_OR_ADD;

    private static HeaderEdit.Put put(String name, String value, HeaderEdit.AppendAction action) {
        return new HeaderEdit.Put(name, HeaderFormat.literal(value), action, false);
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void path_thatTheMeshNormalises_isWhatPoliciesSeeAndWhatIsMapped(Container.Kind kind, boolean http2)
            throws Exception {
        mesh.denies(new StringMatcher.Prefix("/admin", false))
                .url(new UrlRules(true, true, EscapedSlashes.FORWARD, PortStrip.NONE, false))
                .permissive(List.of("istio"));
        try (Container container = kind.startLenient(mesh, servlets())) {
            for (String path : List.of(
                    "/public/../admin/x",
                    "//admin/x",
                    "/%61dmin/x",
                    "/a%2F..%2fadmin/x",
                    "/public/%2e%2E/admin/x",
                    "/public\\..\\admin",
                    "/public/./../admin")) {
                WireClient.Answer answer = ask(container, http2, path);
                // A container may refuse on its own what no client should send; it never serves it.
                assertThat(answer.status()).as(path).isIn(400, 403);
            }
            assertThat(served).hasValue(0);
            assertThat(ask(container, http2, "/a/..//%70ublic/./x?y=/../").body())
                    .isEqualTo("/public|/public/x|0");
            assertThat(ask(container, http2, "/public%2Fx").body()).isEqualTo("/public|/public/x|0");
            assertThat(ask(container, http2, "/public/caf%C3%A9%20au").body())
                    .isEqualTo("/public|/public/caf%C3%A9%20au|0");
        }
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void path_withEscapedSlashes_isRefusedOrRedirectedAsConfigured(Container.Kind kind, boolean http2)
            throws Exception {
        mesh.url(new UrlRules(true, true, EscapedSlashes.REJECT, PortStrip.NONE, false))
                .permissive(List.of("istio"));
        try (Container container = kind.startLenient(mesh, servlets())) {
            assertThat(ask(container, http2, "/public%2fx").status()).isEqualTo(400);
            mesh.url(new UrlRules(true, true, EscapedSlashes.REDIRECT, PortStrip.NONE, false))
                    .permissive(List.of("istio"));
            WireClient.Answer redirect = ask(container, http2, "/public%2fx");
            assertThat(redirect.status()).isEqualTo(307);
            assertThat(redirect.headers()).containsEntry("location", "/public/x");
            assertThat(served).hasValue(0);
        }
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void body_readByTheApplication_startsTheTimeOfTheResponse(Container.Kind kind, boolean http2) throws Exception {
        mesh.permissive(List.of("istio"));
        try (Container container = start(kind);
                WireClient client = WireClient.clear(container.port(), http2)) {
            WireClient.Answer whole = client.post("/public/x", new byte[300_000]);
            assertThat(whole.body()).isEqualTo("/public|/public/x|300000");
            assertThat(whole.headers()).containsKey("x-envoy-upstream-service-time");

            long start = System.nanoTime();
            WireClient.Answer slowly = client.pieces("/public/x", pieces(3), 200);
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertThat(slowly.body()).isEqualTo("/public|/public/x|6000");
            assertThat(Long.parseLong(String.valueOf(slowly.headers().get("x-envoy-upstream-service-time"))))
                    .as("milliseconds since the end of the body, which took 600 of %d", took)
                    .isLessThanOrEqualTo(took - 500);
        }
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void body_readToItsLengthAndNoFurther_hasEnded(Container.Kind kind, boolean http2) throws Exception {
        mesh.permissive(List.of("istio"));
        try (Container container = start(kind);
                WireClient client = WireClient.clear(container.port(), http2)) {
            WireClient.Answer answer = client.pieces("/exact", pieces(2), 50, "Content-Length", "4000");
            assertThat(answer.body()).isEqualTo("4000");
            assertThat(answer.headers()).containsKey("x-envoy-upstream-service-time");
        }
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void response_afterTheRoutesTimeout_isTheMeshsAnswer(Container.Kind kind, boolean http2) throws Exception {
        timeout(Duration.ofMillis(100));
        try (Container container = start(kind)) {
            try (WireClient client = WireClient.clear(container.port(), http2)) {
                WireClient.Answer late = client.post("/slow", new byte[10]);
                assertThat(late.status()).isEqualTo(504);
                assertThat(late.body()).isEqualTo("upstream request timeout");
                assertThat(client.get("/slow").status()).as("without a body").isEqualTo(504);
            }
            timeout(Duration.ofSeconds(2));
            try (WireClient client = WireClient.clear(container.port(), http2)) {
                assertThat(client.pieces("/public/x", pieces(3), 800).status())
                        .as("a body that takes longer than the response may")
                        .isEqualTo(200);
            }
        }
    }

    private void timeout(Duration timeout) {
        mesh.routes(Route.of(
                        "all",
                        RouteMatch.prefix("/"),
                        RouteAction.Forward.to("app").with(new RouteAction.Timeouts(timeout, null, null), null)))
                .permissive(List.of("istio"));
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void stream_idle_isJudgedByWhatCameOfTheBody(Container.Kind kind, boolean http2) throws Exception {
        mesh.streamIdleTimeout(Duration.ofMillis(1500)).permissive(List.of("istio"));
        try (Container container = start(kind);
                WireClient client = WireClient.clear(container.port(), http2)) {
            assertThat(client.pieces("/public/x", pieces(4), 500).status()).isEqualTo(200);
            WireClient.Answer idle = client.pieces("/public/x", pieces(1), 2500);
            assertThat(idle.status()).isEqualTo(408);
            assertThat(idle.body()).isEqualTo("stream timeout");
        }
    }

    /** Not so small that Tomcat would take them for an attack. */
    private static List<byte[]> pieces(int count) {
        return Collections.nCopies(count, new byte[2000]);
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void tunnel_askedFor_isRefused(Container.Kind kind, boolean http2) throws Exception {
        mesh.permissive(List.of("istio"));
        try (Container container = start(kind);
                WireClient client = WireClient.clear(container.port(), http2)) {
            assertThat(client.connect("shop.local:80").status()).isBetween(400, 599);
            assertThat(served).hasValue(0);
        }
    }

    @ParameterizedTest(name = "{0}, HTTP/2 {1}")
    @MethodSource("containers")
    void clientCertificate_isToldWithTheNameThatTheServerShowed(Container.Kind kind, boolean http2) throws Exception {
        mesh.rules(ClientRules.DEFAULT.withClientCertificate(
                        ClientRules.ClientCertificate.SANITIZE_SET,
                        new ClientRules.CertificateDetails(false, false, false, false, true)))
                .strict("h2", "http/1.1");
        X509Bundle caller = mesh.issue(CALLER);
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(caller.getCertificate().getEncoded()));
        try (Container container = start(kind);
                WireClient before =
                        WireClient.tls(container.port(), http2, mesh.client(caller), "", http2 ? "h2" : "http/1.1")) {
            assertThat(before.get("/public/x").headers())
                    .containsEntry("x-certificate", "By=" + SERVER + ";Hash=" + hash + ";URI=" + CALLER);
            String renewed = "spiffe://mesh/ns/test/sa/renewed";
            mesh.rotate(mesh.issue(renewed));
            org.awaitility.Awaitility.await().untilAsserted(() -> {
                try (WireClient after =
                        WireClient.tls(container.port(), http2, mesh.client(caller), "", http2 ? "h2" : "http/1.1")) {
                    assertThat(after.get("/public/x").headers().get("x-certificate"))
                            .startsWith("By=" + renewed + ";");
                }
            });
        }
    }

    private static void isOfTheConnection(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        assertThat(root).isInstanceOf(IOException.class);
    }

    private static WireClient.Answer ask(Container container, boolean http2, String path) throws Exception {
        try (WireClient client = WireClient.clear(container.port(), http2)) {
            return client.get(path);
        }
    }
}
