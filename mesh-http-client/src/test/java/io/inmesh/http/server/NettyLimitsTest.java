package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.http.testing.LeakWatch;
import io.inmesh.model.ClientRules;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.InboundListener.Inspection;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The limits of a connection's time, of its first bytes' and of its heads', as the real engine keeps them on Netty. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class NettyLimitsTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";

    private final InboundMesh mesh = new InboundMesh();
    private final NettyApplication application = new NettyApplication();
    private final NettyTestServer server = NettyTestServer.start(0, mesh.port, mesh.tls, application);

    @AfterEach
    void close() {
        server.close();
        mesh.close();
    }

    private void limits(@Nullable Duration idle, @Nullable Duration longest) {
        mesh.rules(ClientRules.DEFAULT.withConnectionLimits(idle, longest))
                .clear(FilterChainMatch.ANY)
                .publish();
    }

    @Test
    void http1_idle_isClosedAfterItsLastResponse() throws Exception {
        limits(Duration.ofSeconds(2), null);
        try (RawClient busy = new RawClient(server.port());
                RawClient once = new RawClient(server.port())) {
            busy.send("GET /never HTTP/1.1\r\nHost: shop\r\n\r\n");
            await().until(() -> application.requests.get() == 1);
            assertThat(once.send(GET).response().status()).isEqualTo(200);
            assertThat(once.isClosed()).isTrue();
            await().until(() -> application.inactive.get() > 0);
            server.settle();
            assertThat(application.inactive)
                    .as("a connection with a request is not idle")
                    .hasValue(1);
        }
    }

    @Test
    void http1_old_endsWithTheResponseUnderWay() throws Exception {
        limits(null, Duration.ofSeconds(2));
        try (RawClient busy = new RawClient(server.port());
                RawClient idle = new RawClient(server.port())) {
            busy.send("POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\nx");
            await().until(() -> application.requests.get() == 1);
            assertThat(idle.send(GET).response().closes()).isFalse();
            assertThat(idle.isClosed())
                    .as("at its end, which is after the other's")
                    .isTrue();
            RawClient.Response last = busy.send("y").response();
            assertThat(last.status()).isEqualTo(200);
            assertThat(last.closes()).isTrue();
            assertThat(busy.isClosed()).isTrue();
        }
    }

    @Test
    void http2_idle_isAnnouncedAndThenClosed() throws Exception {
        limits(Duration.ofSeconds(2), null);
        try (Http2Client client = new Http2Client(server.port())) {
            Http2Client.Stream stream = client.get("/a");
            await().until(stream::isEnded);
            assertThat(client.goAways).isEmpty();
            await().until(() -> !client.goAways.isEmpty());
            await().until(() -> !client.isOpen());
        }
    }

    @Test
    void http2_old_finishesItsRequestAndIsClosed() throws Exception {
        limits(null, Duration.ofSeconds(2));
        try (Http2Client client = new Http2Client(server.port())) {
            Http2Client.Stream stream = client.post("/a");
            await().until(() -> !client.goAways.isEmpty());
            stream.send("x", true);
            await().until(stream::isEnded);
            assertThat(stream.status()).isEqualTo(200);
            await().until(() -> !client.isOpen());
        }
    }

    /** Envoy 1.40 answers so, closes, and counts from the first byte on: of the second head, too, but not while nothing of a head has come. */
    @Test
    void http1_headThatIsNotWholeInTime_isAnswered408() throws Exception {
        mesh.rules(headTimeout(Duration.ofMillis(400)))
                .clear(FilterChainMatch.ANY)
                .publish();
        try (RawClient silent = new RawClient(server.port());
                RawClient slow = new RawClient(server.port());
                RawClient second = new RawClient(server.port());
                RawClient body = new RawClient(server.port())) {
            body.send("POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\nx");
            slow.send("GET /a HTTP/1.1\r\nHost: shop\r\n");
            assertThat(second.send(GET).response().status()).isEqualTo(200);
            second.send("GET /a HT");
            for (RawClient late : List.of(slow, second)) {
                RawClient.Response response = late.response();
                assertThat(response.status()).isEqualTo(408);
                assertThat(response.body()).isEqualTo("request header timeout");
                assertThat(response.closes()).isTrue();
                assertThat(late.isClosed()).isTrue();
            }
            assertThat(body.send("y").response().status()).isEqualTo(200);
            assertThat(silent.send(GET).response().status()).isEqualTo(200);
        }
        await().untilAsserted(() -> assertThat(application.requests).hasValue(3));
    }

    @Test
    void firstBytes_overTheirTime_endTheConnection() throws Exception {
        mesh.inspection(new Inspection(Duration.ofMillis(300), false))
                .clear(FilterChainMatch.ANY)
                .publish();
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.isClosed()).isTrue();
        }
    }

    /** The chain is that of a connection in the clear, of which nothing more is known. */
    @Test
    void firstBytes_overTheirTimeWhereItGoesOn_areServedByWhatIsKnown() throws Exception {
        mesh.inspection(new Inspection(Duration.ofMillis(50), true))
                .clear(FilterChainMatch.ANY)
                .publish();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                RawClient client = new RawClient(socket)) {
            int patience = socket.getSoTimeout();
            socket.setSoTimeout(500);
            assertThat(client.isClosed()).isFalse();
            socket.setSoTimeout(patience);
            assertThat(client.send(GET).response().status()).isEqualTo(200);
        }
    }

    @Test
    void firstBytes_withoutALimit_areAwaited() throws Exception {
        mesh.inspection(new Inspection(null, false)).clear(FilterChainMatch.ANY).publish();
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send(GET).response().status()).isEqualTo(200);
        }
    }

    private static ClientRules headTimeout(Duration timeout) {
        ClientRules rules = ClientRules.DEFAULT;
        return new ClientRules(
                rules.clientCertificate(),
                rules.certificateDetails(),
                rules.useRemoteAddress(),
                rules.trustedHops(),
                rules.skipForwardedForAppend(),
                rules.appendForwardedPort(),
                rules.internalAddresses(),
                rules.generateRequestId(),
                rules.preserveRequestId(),
                rules.alwaysReturnRequestId(),
                rules.serverName(),
                rules.serverHeader(),
                rules.via(),
                rules.scheme(),
                rules.underscores(),
                rules.maxHeadersKib(),
                rules.maxHeaders(),
                timeout,
                rules.maxStreamDuration(),
                rules.idleTimeout(),
                rules.maxConnectionDuration(),
                rules.maxRequestsOfConnection(),
                rules.upgrades());
    }
}
