package io.inmesh.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Mesh;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestTls;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The drop-in claim: over one table of requests, {@code send} and {@code sendAsync} do what the JDK's client does, on every way that can be compared. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(LeakWatch.class)
class JdkSideBySideTest {

    /** How a request gets to the server. */
    enum Way {
        /** Past the mesh, HTTP/1.1. */
        PLAIN_PASSTHROUGH,
        /** Through a cluster of HTTP/1.1. */
        PLAIN_MESHED,
        /** The application's TLS, HTTP/1.1. */
        TLS_HTTP_1,
        /** The application's TLS, HTTP/2 by ALPN. */
        TLS_HTTP_2,
        /** Through a cluster of HTTP/2; the JDK's client has no prior knowledge, so it speaks HTTP/2 over TLS to the same handler. */
        HTTP_2_MESHED
    }

    private final TestTls tls = TestTls.forLocalhost();
    private final EchoHandler handler = new EchoHandler();
    private final HttpTestServer plain = HttpTestServer.start(handler);
    private final HttpTestServer secure = HttpTestServer.startTls(tls.server(), List.of("h2", "http/1.1"), handler);
    private final Mesh past = new FixedSource().passthrough("127.0.0.1").mesh();
    private final Mesh through1 = through(HttpVersion.HTTP_1);
    private final Mesh through2 = through(HttpVersion.HTTP_2);

    @AfterAll
    void close() {
        handler.release();
        plain.close();
        secure.close();
        past.close();
        through1.close();
        through2.close();
    }

    static Stream<Arguments> rows() {
        return Stream.of(Way.values())
                .flatMap(way -> ComparedRequest.all().stream().map(row -> Arguments.of(way, row)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rows")
    void bothClients_sameRequest_sameOutcome(Way way, ComparedRequest row) throws Exception {
        for (boolean async : new boolean[] {false, true}) {
            HttpClient jdk = build(HttpClient.newBuilder(), way, row);
            Outcome expected = outcome(jdk, async, row, jdkBase(way));
            try (MeshHttpClient meshed = (MeshHttpClient) build(MeshHttpClient.newBuilder(mesh(way)), way, row)) {
                Outcome actual = outcome(meshed, async, row, base(way));
                assertThat(actual.result()).as("result, async %s", async).isEqualTo(expected.result());
                assertThat(actual.fields()).as("fields, async %s", async).isEqualTo(expected.fields());
                assertThat(actual.seen())
                        .as("seen by the server, async %s", async)
                        .isEqualTo(sameAuthority(expected.seen(), way));
            }
        }
    }

    private Outcome outcome(HttpClient client, boolean async, ComparedRequest row, URI base)
            throws InterruptedException {
        return Outcome.of(
                client, async, row.request().apply(base).build(), row.handler().get(), handler);
    }

    private HttpClient build(HttpClient.Builder builder, Way way, ComparedRequest row) {
        builder.version(way == Way.TLS_HTTP_2 || way == Way.HTTP_2_MESHED ? Version.HTTP_2 : Version.HTTP_1_1);
        builder.sslContext(tls.client());
        row.client().accept(builder);
        return builder.build();
    }

    private Mesh mesh(Way way) {
        return switch (way) {
            case PLAIN_MESHED -> through1;
            case HTTP_2_MESHED -> through2;
            default -> past;
        };
    }

    private URI base(Way way) {
        boolean overTls = way == Way.TLS_HTTP_1 || way == Way.TLS_HTTP_2;
        return URI.create(overTls ? "https://" + secure.authority() : "http://" + plain.authority());
    }

    private URI jdkBase(Way way) {
        return way == Way.HTTP_2_MESHED ? URI.create("https://" + secure.authority()) : base(way);
    }

    private List<String> sameAuthority(List<String> seen, Way way) {
        return way == Way.HTTP_2_MESHED
                ? seen.stream()
                        .map(text -> text.replace(secure.authority(), plain.authority()))
                        .toList()
                : seen;
    }

    private Mesh through(HttpVersion version) {
        return new FixedSource()
                .routes("127.0.0.1", Route.of("all", RouteMatch.prefix("/"), Forward.to("echo")))
                .cluster("echo", version, new InetSocketAddress(InetAddress.getLoopbackAddress(), plain.port()))
                .mesh();
    }
}
