package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.http.testing.LeakWatch;
import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessRules;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.NetworkRbac;
import io.inmesh.model.Rbac;
import io.inmesh.model.RouteAction;
import io.inmesh.model.StringMatcher;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.netty.http.HttpProtocol;

/** A server on Netty behind the real engine and mesh TLS, with real clients. */
@Timeout(120)
@ExtendWith(LeakWatch.class)
class NettyServerTest {
    private final InboundMesh mesh = new InboundMesh();
    private final NettyApplication application = new NettyApplication();
    private final NettyTestServer server = NettyTestServer.start(0, mesh.port, mesh.tls, application);

    @AfterEach
    void close() {
        server.close();
        mesh.close();
    }

    @ParameterizedTest
    @EnumSource
    void request_overMutualTls_reachesTheApplicationWithThePeersName(Version version) throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();

        HttpResponse<String> response = get(client(version), "/orders?x=1");

        assertThat(response.version()).isEqualTo(version);
        assertThat(response.body())
                .startsWith("GET localhost:" + server.port() + "/orders?x=1 ")
                .contains("from=" + InboundMesh.CLIENT);
    }

    @Test
    void connection_inTheClearToStrictTls_isClosedWithoutAWord() throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();

        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").isClosed())
                    .isTrue();
        }
        assertThat(application.requests).hasValue(0);
    }

    @Test
    void connection_withoutACertificate_isRefused() throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();
        HttpClient stranger =
                HttpClient.newBuilder().sslContext(mesh.client(false)).build();

        assertThatThrownBy(() -> get(stranger, "/")).isInstanceOf(IOException.class);
        assertThat(application.requests).hasValue(0);
    }

    @Test
    void connections_ofAllKindsToOnePermissivePort_areServed() throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").clear(InboundMesh.CLEAR).publish();

        assertThat(get(client(Version.HTTP_2), "/").body()).contains("from=" + InboundMesh.CLIENT);
        assertThat(get(client(Version.HTTP_1_1), "/").body()).contains("from=" + InboundMesh.CLIENT);
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send("GET /a HTTP/1.1\r\nHost: shop\r\n\r\n")
                            .response()
                            .body())
                    .isEqualTo("GET shop/a mesh=null from=nobody keepAlive=true body=0");
        }
        assertThat(priorKnowledge("/b")).startsWith("GET ").contains("/b ").contains("from=nobody");
    }

    @Test
    void clientHello_toAChainWithoutTls_endsTheConnection() throws Exception {
        mesh.clear(io.inmesh.model.FilterChainMatch.ANY).publish();

        assertThatThrownBy(() -> get(client(Version.HTTP_1_1), "/")).isInstanceOf(IOException.class);
        assertThat(application.requests).hasValue(0);
    }

    @Test
    void http2_byPriorKnowledgeInTlsWithoutAlpn_isSpoken() throws Exception {
        mesh.tls(InboundMesh.TLS).publish();

        try (SSLSocket socket =
                (SSLSocket) mesh.client(true).getSocketFactory().createSocket("localhost", server.port())) {
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            byte[] frame = socket.getInputStream().readNBytes(9);
            assertThat(frame[3]).as("the type of the first frame: SETTINGS").isEqualTo((byte) 4);
        }
    }

    @Test
    void requests_ofOthersThanThePolicyNames_areDenied() throws Exception {
        mesh.filters(rbac(InboundMesh.CLIENT))
                .tls(InboundMesh.TLS, "h2", "http/1.1")
                .clear(InboundMesh.CLEAR)
                .publish();

        assertThat(get(client(Version.HTTP_2), "/").statusCode()).isEqualTo(200);
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /a HTTP/1.1\r\nHost: shop\r\n\r\nGET /b HTTP/1.1\r\nHost: shop\r\n\r\n");
            RawClient.Response denied = client.response();
            assertThat(denied.status()).isEqualTo(403);
            assertThat(denied.body()).isEqualTo("RBAC: access denied");
            assertThat(denied.closes()).isFalse();
            assertThat(client.response().status()).isEqualTo(403);
        }
        mesh.filters(rbac("spiffe://cluster.local/ns/shop/sa/other"))
                .tls(InboundMesh.TLS, "h2", "http/1.1")
                .publish();
        HttpResponse<String> denied = get(client(Version.HTTP_2), "/");
        assertThat(denied.statusCode()).isEqualTo(403);
        assertThat(application.requests).hasValue(1);
    }

    @Test
    void connection_thatANetworkFilterRefuses_isClosed() throws Exception {
        NetworkRbac nobody = new NetworkRbac("in", policies("nobody"), null, "");
        mesh.clear(InboundMesh.CLEAR, new NetworkFilterConfig("envoy.filters.network.rbac", nobody))
                .publish();

        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send("GET /a HTTP/1.1\r\nHost: shop\r\n\r\n").isClosed())
                    .isTrue();
        }
        assertThat(application.requests).hasValue(0);
    }

    @Test
    void policy_changed_countsForTheNextRequestOfAnOldConnection() throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();
        HttpClient client = client(Version.HTTP_2);
        assertThat(get(client, "/a").statusCode()).isEqualTo(200);

        mesh.routes(InboundMesh.route("/", new RouteAction.DirectResponse(418, "short and stout")))
                .tls(InboundMesh.TLS, "h2", "http/1.1")
                .publish();

        HttpResponse<String> response = get(client, "/a");
        assertThat(response.statusCode()).isEqualTo(418);
        assertThat(response.body()).isEqualTo("short and stout");
    }

    @ParameterizedTest
    @EnumSource
    void body_ofManyMegabytes_streamsBothWays(Version version) throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();
        byte[] body = new byte[8 << 20];
        new Random(1).nextBytes(body);

        HttpResponse<byte[]> response = client(version)
                .send(
                        HttpRequest.newBuilder(uri("/echo"))
                                .POST(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.ofByteArray());

        assertThat(response.body()).isEqualTo(body);
    }

    @ParameterizedTest
    @EnumSource
    void requests_fiveThousand_areAllAnswered(Version version) throws Exception {
        mesh.tls(InboundMesh.TLS, "h2", "http/1.1").publish();
        HttpClient client = client(version);
        for (int round = 0; round < 100; round++) {
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                HttpRequest request = HttpRequest.newBuilder(uri("/r" + i))
                        .POST(BodyPublishers.ofString("x".repeat(i)))
                        .build();
                all.add(client.sendAsync(request, BodyHandlers.ofString()));
            }
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).get().body()).contains("/r" + i + " ").endsWith("body=" + i);
            }
        }
        assertThat(application.requests).hasValue(5000);
    }

    @Test
    void chain_replaced_drainsItsConnections() throws Exception {
        mesh.clear(InboundMesh.CLEAR).publish();
        try (RawClient idle = new RawClient(server.port());
                RawClient busy = new RawClient(server.port())) {
            idle.send("GET /a HTTP/1.1\r\nHost: shop\r\n\r\n");
            assertThat(idle.response().status()).isEqualTo(200);
            busy.send("POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\nx");
            Awaitility.await().until(() -> application.requests.get() == 2);

            mesh.tls(InboundMesh.TLS, "h2").publish();

            server.settle();

            assertThat(idle.isClosed()).isTrue();
            RawClient.Response last = busy.send("y").response();
            assertThat(last.status()).isEqualTo(200);
            assertThat(last.closes()).isTrue();
            assertThat(busy.isClosed()).isTrue();
        }
    }

    private String priorKnowledge(String path) {
        String body = reactor.netty.http.client.HttpClient.newConnection()
                .protocol(HttpProtocol.H2C)
                .get()
                .uri("http://localhost:" + server.port() + path)
                .responseContent()
                .aggregate()
                .asString()
                .block();
        return body == null ? "" : body;
    }

    private static HttpFilterConfig rbac(String principal) {
        return new HttpFilterConfig(
                "envoy.filters.http.rbac", new Rbac(policies(principal), null, "", "", false), false);
    }

    private static AccessRules policies(String principal) {
        return new AccessRules.Policies(
                AccessRules.Action.ALLOW,
                List.of(new AccessRules.Policy(
                        "p",
                        List.of(new AccessCondition.Any()),
                        List.of(new AccessCondition.Authenticated(new StringMatcher.Exact(principal, false))))));
    }

    private HttpClient client(Version version) throws Exception {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(mesh.client(true))
                .build();
    }

    private URI uri(String path) {
        return URI.create("https://localhost:" + server.port() + path);
    }

    private HttpResponse<String> get(HttpClient client, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }
}
