package io.inmesh.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.Upstreams;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import io.inmesh.outbound.UpstreamTransport.Reset;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakWatch.class)
class NettyTransportTest {
    private final NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT.withLoops(1));

    @AfterEach
    void close() {
        transport.close();
        transport.closed().toCompletableFuture().join();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void get_aHost_headAndBodyArrive(HttpVersion version) {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.of(
                200,
                request.method() + " " + request.uri() + " " + request.version() + " " + request.header("host") + " "
                        + request.header("x-a"),
                "X-Reply",
                "yes"))) {
            Upstreams upstreams = Upstreams.of(server.port(), version);
            Call call = Call.get(transport, upstreams.target(), "x-a", "b").awaitComplete();

            String expected = version == HttpVersion.HTTP_1 ? "HTTP/1.1" : "HTTP/2";
            assertThat(call.status()).isEqualTo(200);
            assertThat(call.text()).isEqualTo("GET /path?q=1 " + expected + " svc.example b");
            assertThat(call.awaitHead().headers().get("x-reply")).isEqualTo("yes");
            assertThat(call.connections).singleElement().satisfies(facts -> {
                assertThat(facts.protocol()).isEqualTo(expected);
                assertThat(facts.remoteAddress()).isEqualTo(server.authority());
                assertThat(facts.reused()).isFalse();
                assertThat(facts.tls()).isNull();
            });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void post_bodyWithAndWithoutLength_arrivesWhole(HttpVersion version) {
        try (HttpTestServer server =
                HttpTestServer.start(request -> Response.ok(request.text() + "|" + request.header("content-length")))) {
            Upstreams upstreams = Upstreams.of(server.port(), version);
            byte[] body = "some body".getBytes(StandardCharsets.UTF_8);
            Call unknown = Call.start(
                            transport.next(), transport, upstreams.target(), Call.head("POST"), body, Long.MAX_VALUE)
                    .awaitComplete();
            Call known = Call.start(
                            transport.next(),
                            transport,
                            upstreams.target(),
                            Call.head("POST", "content-length", "9"),
                            body,
                            Long.MAX_VALUE)
                    .awaitComplete();

            assertThat(unknown.text()).startsWith("some body|");
            assertThat(known.text()).isEqualTo("some body|9");
            assertThat(known.connections.get(0).reused()).isTrue();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void response_withTrailers_trailersArrive(HttpVersion version) {
        try (HttpTestServer server = HttpTestServer.start(request ->
                new Response(200, List.of(), "abc".getBytes(StandardCharsets.UTF_8), List.of("x-sum", "42")))) {
            Upstreams upstreams = Upstreams.of(server.port(), version);
            Call call = Call.get(transport, upstreams.target()).awaitComplete();

            assertThat(call.text()).isEqualTo("abc");
            assertThat(call.trailers()).isEqualTo(Headers.of("x-sum", "42"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void response_withoutBody_endsWithTheHead(HttpVersion version) {
        try (HttpTestServer server = HttpTestServer.start(request -> switch (request.method()) {
            case "HEAD" -> Response.ok("not sent");
            case "DELETE" -> Response.of(204, "");
            default -> Response.of(304, "");
        })) {
            Upstreams upstreams = Upstreams.of(server.port(), version);
            for (String method : List.of("HEAD", "DELETE", "GET")) {
                Call call = Call.start(transport.next(), transport, upstreams.target(), Call.head(method), null, 0)
                        .awaitComplete();
                assertThat(call.headEndedStream()).as(method).isTrue();
                assertThat(call.text()).isEmpty();
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** Before a connection is made, and before one that others have made is used: nothing of the request gets there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void passthrough_addressThatTheCallObjectsTo_isNotSpokenTo(boolean connectedBefore) {
        NettyTransport named = NettyTransport.create(
                WireOptions.DEFAULT.withLoops(1).withResolver(host -> List.of(InetAddress.getLoopbackAddress())));
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok("here"))) {
            Passthrough target = new Passthrough("http", "alias.example", server.port(), HttpVersion.HTTP_1);
            if (connectedBefore) {
                assertThat(Call.get(named, target).awaitComplete().text()).isEqualTo("here");
            }
            Call kept = Call.objecting(named, target, "that is in the mesh");
            Reset reset = kept.awaitReset();
            assertThat(reset.reason()).isEqualTo(ResetReason.RESOLUTION_FAILURE);
            assertThat(reset.detail()).isEqualTo("that is in the mesh");
            assertThat(kept.addresses).contains(IpAddress.parse("127.0.0.1"));
            assertThat(kept.connections).isEmpty();
            assertThat(server.connections()).isEqualTo(connectedBefore ? 1 : 0);

            Call free = Call.get(named, target).awaitComplete();
            assertThat(free.text()).as("the pool serves others").isEqualTo("here");
            assertThat(server.connections()).isEqualTo(1);
        } finally {
            named.close();
        }
    }

    @Test
    void close_whileAResolverHangs_interruptsIt() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<String> interrupted = new CompletableFuture<>();
        NettyTransport hanging =
                NettyTransport.create(WireOptions.DEFAULT.withLoops(1).withResolver(host -> {
                    asked.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.complete(host);
                    }
                    return List.of();
                }));
        Call call = Call.get(hanging, new Passthrough("http", "slow.example", 80, HttpVersion.HTTP_1));
        asked.await();
        hanging.close();

        assertThat(interrupted).succeedsWithin(Duration.ofSeconds(60)).isEqualTo("slow.example");
        assertThat(call.resetReason()).isEqualTo(ResetReason.LOCAL_RESET);
        hanging.closed().toCompletableFuture().join();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void request_thatWouldBreakOutOfItsLine_isNotSent(HttpVersion version) {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(""))) {
            Upstreams upstreams = Upstreams.of(server.port(), version);
            Call call = Call.get(transport, upstreams.target(), "x-a", "b\r\nx-evil: c");

            assertThat(call.awaitReset().reason()).isEqualTo(ResetReason.LOCAL_RESET);
            assertThat(call.awaitReset().cause()).isInstanceOf(IllegalArgumentException.class);
            assertThat(server.connections()).isZero();
        }
    }
}
