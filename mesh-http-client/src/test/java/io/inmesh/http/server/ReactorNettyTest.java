package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.testing.LeakWatch;
import io.inmesh.model.RouteAction;
import io.inmesh.security.MeshPrincipal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;

/** reactor-netty's server, with its own codecs, behind the mesh. */
@Timeout(120)
@ExtendWith(LeakWatch.class)
class ReactorNettyTest {
    private final InboundMesh mesh = new InboundMesh();
    private final NettyMeshServer inMesh = NettyMeshServer.of(mesh.port, mesh.tls);
    private @Nullable DisposableServer server;

    @AfterEach
    void close() {
        if (server != null) {
            server.disposeNow();
        }
        mesh.close();
    }

    private int start(HttpProtocol... protocols) {
        DisposableServer started = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .protocol(protocols)
                .doOnChannelInit((observer, channel, remote) -> inMesh.attach(channel))
                .handle((request, response) -> request.uri().startsWith("/echo")
                        ? response.send(request.receive().retain())
                        : response.sendString(
                                Mono.just(request.method() + " " + request.uri() + " from=" + name(request))))
                .bindNow();
        server = started;
        return started.port();
    }

    private static String name(HttpServerRequest request) {
        StringBuilder name = new StringBuilder();
        request.withConnection(connection -> {
            MeshPrincipal principal = NettyMeshServer.principal(connection.channel());
            name.append(principal == null ? "nobody" : principal.getName());
        });
        return name.toString();
    }

    @ParameterizedTest
    @EnumSource
    void request_overMutualTls_reachesTheHandlerWithThePeersName(Version version) throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();
        int port = start(HttpProtocol.HTTP11, HttpProtocol.H2C);
        HttpClient client = client(version);
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/orders?x=1"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.version()).isEqualTo(version);
            assertThat(response.body()).isEqualTo("GET /orders?x=1 from=" + InboundMesh.CLIENT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void body_ofManyMegabytes_streamsBothWays(Version version) throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();
        int port = start(HttpProtocol.HTTP11, HttpProtocol.H2C);
        byte[] body = new byte[4 << 20];
        new Random(1).nextBytes(body);

        HttpResponse<byte[]> response = client(version)
                .send(
                        HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/echo"))
                                .POST(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.ofByteArray());

        assertThat(response.body()).isEqualTo(body);
    }

    @ParameterizedTest
    @EnumSource
    void request_thatARouteAnswers_neverReachesTheHandler(Version version) throws Exception {
        mesh.routes(InboundMesh.route("/", new RouteAction.DirectResponse(418, "short and stout")))
                .tls(InboundMesh.TLS, "h2", "http/1.1")
                .publish();
        int port = start(HttpProtocol.HTTP11, HttpProtocol.H2C);
        HttpClient client = client(version);
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(418);
            assertThat(response.body()).isEqualTo("short and stout");
        }
    }

    @Test
    void requests_inTheClearAndPipelined_areAnsweredInOrder() throws Exception {
        mesh.clear(InboundMesh.CLEAR).publish();
        int port = start(HttpProtocol.HTTP11);
        try (RawClient client = new RawClient(port)) {
            client.send("GET /a HTTP/1.1\r\nHost: shop\r\n\r\nGET /b HTTP/1.1\r\nHost: shop\r\n\r\n");
            assertThat(client.response().body()).isEqualTo("GET /a from=nobody");
            assertThat(client.response().body()).isEqualTo("GET /b from=nobody");
        }
    }

    @Test
    void http2_toAServerThatHasNoCodecForIt_isClosed() throws Exception {
        mesh.tls(InboundMesh.TLS, "h2").publish();
        int port = start(HttpProtocol.HTTP11);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> client(Version.HTTP_2)
                        .send(
                                HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/"))
                                        .build(),
                                BodyHandlers.ofString()))
                .isInstanceOf(java.io.IOException.class);
    }

    private HttpClient client(Version version) throws Exception {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(mesh.client(true))
                .build();
    }
}
