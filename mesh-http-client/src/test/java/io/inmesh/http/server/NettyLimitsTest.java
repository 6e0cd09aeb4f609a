package io.inmesh.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.http.testing.LeakWatch;
import io.inmesh.model.ClientRules;
import io.inmesh.model.FilterChainMatch;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A connection's {@code idle_timeout} and {@code max_connection_duration}, as the real engine keeps them on Netty. */
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
}
