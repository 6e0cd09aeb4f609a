package io.inmesh.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HostileServer;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.Upstreams;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 hosts that break the rules, or just break. */
@ExtendWith(LeakWatch.class)
class HostileHttp1Test {
    private final NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT.withLoops(1));

    @AfterEach
    void close() {
        transport.close();
        transport.closed().toCompletableFuture().join();
    }

    private static UpstreamTarget target(HostileServer server) {
        return Upstreams.of(server.port(), HttpVersion.HTTP_1).target();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOT HTTP AT ALL\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
                "HTTP/1.1 200 OK\r\nnocolon\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nbad name: x\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n: x\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
                "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 3x\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
                "HTTP/1.1 200 OK\r\nx: a\u0000b\r\ncontent-length: 0\r\n\r\n",
            })
    void head_thatBreaksTheProtocol_isAProtocolError(String response) {
        try (HostileServer server = HostileServer.answering(response)) {
            Call call = Call.get(transport, target(server));

            assertThat(call.resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
            assertThat(call.head).isNotDone();
            await().until(() -> server.openConnections() == 0);
        }
    }

    @Test
    void body_withABrokenChunk_isAProtocolErrorAfterTheHead() {
        try (HostileServer server =
                HostileServer.answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n")) {
            Call call = Call.get(transport, target(server));

            assertThat(call.resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
            assertThat(call.status()).isEqualTo(200);
        }
    }

    @Test
    void head_overTheConfiguredSize_isAProtocolError() {
        String response = "HTTP/1.1 200 OK\r\nx-large: " + "a".repeat(61 * 1024) + "\r\ncontent-length: 0\r\n\r\n";
        try (HostileServer server = HostileServer.answering(response)) {
            assertThat(Call.get(transport, target(server)).resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
        }
    }

    @Test
    void head_withMoreThanAHundredFields_isAProtocolError() {
        String response = "HTTP/1.1 200 OK\r\n" + "x-a: b\r\n".repeat(100) + "content-length: 0\r\n\r\n";
        try (HostileServer server = HostileServer.answering(response)) {
            assertThat(Call.get(transport, target(server)).resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // What was sent before the end, and whether the end is a TCP reset.
        "'',false",
        "'',true",
        "HTTP/1.1 20,false",
        "'HTTP/1.1 200 OK|content-length: 5|',false",
        "'HTTP/1.1 200 OK|content-length: 5|',true",
        "'HTTP/1.1 200 OK|content-length: 5||abc',false",
        "'HTTP/1.1 200 OK|content-length: 5||abc',true",
        "'HTTP/1.1 200 OK|transfer-encoding: chunked||3|abc|',false",
        "'HTTP/1.1 200 OK|transfer-encoding: chunked||3|abc|0|',false",
        "'HTTP/1.1 100 Continue||',false",
    })
    void connection_thatEndsBeforeTheResponseIsWhole_isATermination(String sent, boolean reset) {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            peer.send(sent.replace("|", "\r\n"));
            if (reset) {
                peer.reset();
            }
        })) {
            Call call = Call.get(transport, target(server));

            assertThat(call.resetReason()).isEqualTo(ResetReason.CONNECTION_TERMINATION);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void body_delimitedByTheClose_isWhole() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.0 200 OK\r\n\r\nuntil the end");
        })) {
            assertThat(Call.get(transport, target(server)).awaitComplete().text())
                    .isEqualTo("until the end");
        }
    }

    @Test
    void response_oneByteAtATime_isWhole() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            String head = "HTTP/1.1 200 OK|Transfer-Encoding: chunked|X-A:  b ||";
            String response = (head + "3;ext=1|abc|2|de|0|X-T: t||").replace("|", "\r\n");
            for (int i = 0; i < response.length(); i++) {
                peer.send(response.substring(i, i + 1));
            }
            peer.awaitEnd();
        })) {
            Call call = Call.get(transport, target(server)).awaitComplete();
            assertThat(call.text()).isEqualTo("abcde");
            assertThat(call.awaitHead().headers().get("x-a")).isEqualTo("b");
            assertThat(call.trailers()).isEqualTo(Headers.of("x-t", "t"));
        }
    }

    @Test
    void informationalResponses_anyNumber_areReportedAndSkipped() {
        int many = 2000;
        try (HostileServer server = HostileServer.answering("HTTP/1.1 100 Continue\r\n\r\n"
                + "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n".repeat(many)
                + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")) {
            Call call = Call.get(transport, target(server)).awaitComplete();

            assertThat(call.text()).isEqualTo("ok");
            assertThat(call.informational).hasSize(many + 1).startsWith(100, 103);
        }
    }

    @Test
    void informationalResponses_withoutEnd_areStoppedByCancel() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            while (true) {
                peer.send("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n");
            }
        })) {
            Call call = Call.get(transport, target(server));
            await().until(() -> call.informational.size() > 100);
            call.onLoop(stream -> stream.cancel());

            await().until(() -> server.openConnections() == 0);
            assertThat(call.isOver()).isFalse();
        }
    }

    @Test
    void bytesBehindAResponse_closeTheConnectionAndReachNobody() {
        String response = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na";
        try (HostileServer server = HostileServer.answering(response + response)) {
            UpstreamTarget target = target(server);
            assertThat(Call.get(transport, target).awaitComplete().text()).isEqualTo("a");
            assertThat(Call.get(transport, target).awaitComplete().text()).isEqualTo("a");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void bytesOnAnIdleConnection_closeItAndReachNobody() {
        CountDownLatch speak = new CountDownLatch(1);
        try (HostileServer server = HostileServer.start(
                peer -> {
                    peer.readHead();
                    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
                    speak.await();
                    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nX");
                    peer.awaitEnd();
                },
                peer -> {
                    peer.readHead();
                    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb");
                    peer.awaitEnd();
                })) {
            UpstreamTarget target = target(server);
            assertThat(Call.get(transport, target).awaitComplete().text()).isEqualTo("a");
            speak.countDown();
            await().until(() -> server.openConnections() == 0);
            assertThat(Call.get(transport, target).awaitComplete().text()).isEqualTo("b");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST,true",
        "PUT,true",
        "PATCH,true",
        "OPTIONS,true",
        "PURGE,true",
        "GET,false",
        "HEAD,false",
        "DELETE,false",
        "TRACE,false",
    })
    void requestWithoutBody_saysSoForTheMethodsThatEnvoyDoes(String method, boolean says) {
        AtomicReference<String> head = new AtomicReference<>("");
        try (HostileServer server = HostileServer.start(peer -> {
            head.set(peer.readHead());
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
            peer.awaitEnd();
        })) {
            Call.start(transport.next(), transport, target(server), Call.head(method), null, Long.MAX_VALUE)
                    .awaitComplete();

            assertThat(head.get()).startsWith(method + " /path");
            assertThat(String.valueOf(head.get()).contains("content-length: 0\r\n"))
                    .isEqualTo(says);
            assertThat(head.get()).doesNotContain("transfer-encoding");
        }
    }

    @Test
    void connectionClose_isHeeded() {
        try (HostileServer server =
                HostileServer.answering("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na")) {
            UpstreamTarget target = target(server);
            Call.get(transport, target).awaitComplete();
            await().until(() -> server.openConnections() == 0);
            Call.get(transport, target).awaitComplete();
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void reader_thatDoesNotAsk_stopsTheHost() {
        int total = 32 << 20;
        CountDownLatch sent = new CountDownLatch(1);
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: " + total + "\r\n\r\n");
            byte[] piece = new byte[64 * 1024];
            for (int i = 0; i < total / piece.length; i++) {
                peer.send(piece);
            }
            sent.countDown();
            peer.awaitEnd();
        })) {
            Call call = Call.start(transport.next(), transport, target(server), Call.head("GET"), null, 0);
            call.awaitHead();
            assertThat(call.received.get()).isZero();
            call.onLoop(stream -> stream.request(1));
            await().until(() -> call.received.get() > 0);
            long first = call.received.get();
            assertThat(first).isLessThanOrEqualTo(64 * 1024);
            assertThat(sent.getCount()).isEqualTo(1);

            call.onLoop(stream -> stream.request(Long.MAX_VALUE));
            call.awaitComplete();
            assertThat(call.received.get()).isEqualTo(total);
        }
    }

    @Test
    void host_thatDoesNotRead_stopsTheWriter() {
        CountDownLatch read = new CountDownLatch(1);
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            read.await();
            peer.awaitEnd();
        })) {
            byte[] piece = new byte[32 * 1024];
            long[] written = {0};
            Call call = Call.start(
                    transport.next(),
                    transport,
                    target(server),
                    Call.head("POST"),
                    false,
                    1,
                    writer -> {
                        while (writer.stream().isWritable()) {
                            writer.stream().write(ByteBuffer.wrap(piece), false);
                            written[0] += piece.length;
                        }
                    },
                    reader -> {});
            await().until(() -> call.writableCalls.get() > 0);
            // The kernel's buffers fill, then ours to its mark, and then nothing moves.
            long[] before = {-1};
            await().until(() -> {
                long[] now = new long[1];
                call.onLoop(stream -> now[0] = written[0]);
                boolean still = now[0] == before[0];
                before[0] = now[0];
                return still;
            });
            call.onLoop(stream -> assertThat(stream.isWritable()).isFalse());
            assertThat(before[0]).isLessThan(64 << 20);
            long calls = call.writableCalls.get();

            read.countDown();
            await().until(() -> call.writableCalls.get() > calls);
            call.onLoop(stream -> stream.cancel());
        }
    }

    @Test
    void answerBeforeTheBodyWasSent_isDeliveredAndTheConnectionNotUsedAgain() {
        try (HostileServer server = HostileServer.answering("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")) {
            UpstreamTarget target = target(server);
            Call call = Call.start(
                    transport.next(),
                    transport,
                    target,
                    Call.head("POST", "content-length", "1000"),
                    false,
                    Long.MAX_VALUE,
                    writer -> writer.stream().write(ByteBuffer.wrap(new byte[10]), false),
                    reader -> {});

            assertThat(call.awaitComplete().status()).isEqualTo(413);
            assertThat(call.text()).isEqualTo("no");
            await().until(() -> server.openConnections() == 0);
            call.onLoop(stream -> {
                assertThat(stream.isWritable()).isFalse();
                stream.write(ByteBuffer.wrap(new byte[10]), false);
                stream.cancel();
            });
        }
    }

    @Test
    void body_thatDoesNotKeepItsContentLength_isGivenUpBeforeItCanSmuggle() {
        AtomicReference<String> seen = new AtomicReference<>("");
        try (HostileServer server =
                HostileServer.start(peer -> seen.set(new String(peer.readToEnd(), StandardCharsets.ISO_8859_1)))) {
            Call call = Call.start(
                    transport.next(),
                    transport,
                    target(server),
                    Call.head("POST", "content-length", "3"),
                    "abcGET / HTTP/1.1".getBytes(StandardCharsets.ISO_8859_1),
                    1);

            assertThat(call.resetReason()).isEqualTo(ResetReason.LOCAL_RESET);
            await().until(() -> server.connections() == 1 && server.openConnections() == 0);
            assertThat(seen.get()).doesNotContain("GET / HTTP");
        }
    }

    @Test
    void cancel_closesTheConnection() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            peer.awaitEnd();
        })) {
            Call call = Call.get(transport, target(server));
            await().until(() -> !call.connections.isEmpty());
            call.onLoop(stream -> stream.cancel());

            await().until(() -> server.openConnections() == 0);
            assertThat(call.isOver()).isFalse();
        }
    }

    @Test
    void head_onTheWire_isAsItShouldBe() {
        AtomicReference<String> seen = new AtomicReference<>("");
        try (HostileServer server = HostileServer.start(peer -> {
            seen.set(peer.readHead());
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            peer.awaitEnd();
        })) {
            Call.get(
                            transport,
                            target(server),
                            "x-a",
                            "\u00e9",
                            "connection",
                            "x-hop",
                            "x-hop",
                            "1",
                            "transfer-encoding",
                            "chunked",
                            "te",
                            "trailers",
                            "upgrade",
                            "h2c",
                            "x-a",
                            "2")
                    .awaitComplete();

            assertThat(seen.get())
                    .isEqualTo("GET /path?q=1 HTTP/1.1\r\nhost: svc.example\r\nx-a: \u00e9\r\nx-a: 2\r\n\r\n");
        }
    }

    @Test
    void postWithoutBody_saysSo() {
        AtomicReference<String> seen = new AtomicReference<>("");
        try (HostileServer server = HostileServer.start(peer -> {
            seen.set(peer.readHead());
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        })) {
            Call.start(transport.next(), transport, target(server), Call.head("POST"), null, 1)
                    .awaitComplete();
            assertThat(seen.get()).contains("content-length: 0\r\n");
        }
    }

    @Test
    void staleConnection_ofAHost_isATermination() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            peer.readHead();
        })) {
            UpstreamTarget target = target(server);
            Call.get(transport, target).awaitComplete();
            assertThat(Call.get(transport, target).resetReason()).isEqualTo(ResetReason.CONNECTION_TERMINATION);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void staleConnection_outsideTheMesh_isTriedAgain(String method) {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            peer.readHead();
        })) {
            UpstreamTarget target = new Passthrough("http", "127.0.0.1", server.port(), HttpVersion.ALPN);
            Call.get(transport, target).awaitComplete();
            Call again = Call.start(transport.next(), transport, target, Call.head(method), null, 1)
                    .awaitComplete();

            assertThat(again.connections).hasSize(2);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void staleConnection_outsideTheMesh_withAPost_isATermination() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            peer.readHead();
        })) {
            UpstreamTarget target = new Passthrough("http", "127.0.0.1", server.port(), HttpVersion.HTTP_1);
            Call.get(transport, target).awaitComplete();
            Call post = Call.start(transport.next(), transport, target, Call.head("POST"), null, 1);

            assertThat(post.resetReason()).isEqualTo(ResetReason.CONNECTION_TERMINATION);
            assertThat(server.connections()).isEqualTo(1);
        }
    }
}
