package io.inmesh.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HostileServer;
import io.inmesh.http.testing.Http2Peer;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.Upstreams;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTarget;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 hosts that break the rules, or use them to the full. */
@ExtendWith(LeakWatch.class)
class HostileHttp2Test {
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;

    private final NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT.withLoops(1));

    @AfterEach
    void close() {
        transport.close();
        transport.closed().toCompletableFuture().join();
    }

    private static UpstreamTarget target(HostileServer server) {
        return Upstreams.of(server.port(), HttpVersion.HTTP_2).target();
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED_STREAM,REMOTE_REFUSED_STREAM",
        "CANCEL,REMOTE_RESET",
        "INTERNAL_ERROR,REMOTE_RESET",
        "NO_ERROR,REMOTE_RESET",
        "HTTP_1_1_REQUIRED,REMOTE_RESET",
    })
    void rstStream_beforeTheHead_isItsReason(Http2Error code, ResetReason expected) {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            http2.reset(stream, (int) code.code());
            int second = http2.next(Http2Peer.HEADERS).streamId();
            http2.headers(second, true, ":status", "200");
            peer.awaitEnd();
        })) {
            UpstreamTarget target = target(server);
            assertThat(Call.get(transport, target).resetReason()).isEqualTo(expected);
            assertThat(Call.get(transport, target).awaitComplete().status()).isEqualTo(200);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void rstStream_withinTheBody_isARemoteReset() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            http2.headers(stream, false, ":status", "200");
            http2.data(stream, false, new byte[10]);
            http2.reset(stream, (int) Http2Error.CANCEL.code());
            peer.awaitEnd();
        })) {
            Call call = Call.get(transport, target(server));
            assertThat(call.resetReason()).isEqualTo(ResetReason.REMOTE_RESET);
            assertThat(call.status()).isEqualTo(200);
            assertThat(call.received.get()).isEqualTo(10);
        }
    }

    @Test
    void goAway_belowSomeStreams_refusesThoseAndFinishesTheOthers() {
        try (HostileServer server = HostileServer.start(
                peer -> {
                    Http2Peer http2 = peer.http2();
                    int first = http2.next(Http2Peer.HEADERS).streamId();
                    http2.next(Http2Peer.HEADERS);
                    http2.goAway(first, 0);
                    http2.headers(first, false, ":status", "200");
                    http2.data(first, true, (byte) 'a');
                    peer.awaitEnd();
                },
                peer -> {
                    Http2Peer http2 = peer.http2();
                    http2.headers(http2.next(Http2Peer.HEADERS).streamId(), true, ":status", "204");
                    peer.awaitEnd();
                })) {
            UpstreamTarget target = target(server);
            Call first = Call.get(transport, target);
            Call second = Call.get(transport, target);

            assertThat(first.awaitComplete().text()).isEqualTo("a");
            assertThat(second.resetReason()).isEqualTo(ResetReason.REMOTE_REFUSED_STREAM);
            await().until(() -> server.openConnections() == 0);
            assertThat(Call.get(transport, target).awaitComplete().status()).isEqualTo(204);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void goAway_ofADrainingHost_letsAllStreamsFinishAndTakesNoNewOnes() {
        CountDownLatch second = new CountDownLatch(1);
        try (HostileServer server = HostileServer.start(
                peer -> {
                    Http2Peer http2 = peer.http2();
                    int first = http2.next(Http2Peer.HEADERS).streamId();
                    http2.goAway(Integer.MAX_VALUE, 0);
                    http2.headers(first, false, ":status", "200");
                    second.await();
                    http2.data(first, true, (byte) 'a');
                    peer.awaitEnd();
                },
                peer -> {
                    Http2Peer http2 = peer.http2();
                    http2.headers(http2.next(Http2Peer.HEADERS).streamId(), true, ":status", "204");
                    peer.awaitEnd();
                })) {
            UpstreamTarget target = target(server);
            Call first = Call.get(transport, target);
            first.awaitHead();
            assertThat(Call.get(transport, target).awaitComplete().status()).isEqualTo(204);
            second.countDown();
            assertThat(first.awaitComplete().text()).isEqualTo("a");
        }
    }

    @Test
    void goAway_withoutAnyStream_closesTheConnection() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            http2.headers(http2.next(Http2Peer.HEADERS).streamId(), true, ":status", "200");
            http2.goAway(0, (int) Http2Error.ENHANCE_YOUR_CALM.code());
            peer.awaitEnd();
        })) {
            Call.get(transport, target(server)).awaitComplete();
            await().until(() -> server.openConnections() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void connection_thatEnds_terminatesAllItsStreams(boolean reset) {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            http2.headers(http2.next(Http2Peer.HEADERS).streamId(), false, ":status", "200");
            http2.next(Http2Peer.HEADERS);
            if (reset) {
                peer.reset();
            }
        })) {
            UpstreamTarget target = target(server);
            Call first = Call.get(transport, target);
            Call second = Call.get(transport, target);
            assertThat(first.resetReason()).isEqualTo(ResetReason.CONNECTION_TERMINATION);
            assertThat(second.resetReason()).isEqualTo(ResetReason.CONNECTION_TERMINATION);
        }
    }

    @Test
    void alertInTheClear_insteadOfHttp2_terminatesTheConnection() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.read(24);
            peer.send(new byte[] {21, 3, 1, 0, 2, 2, 40});
        })) {
            assertThat(Call.get(transport, target(server)).resetReason()).isEqualTo(ResetReason.CONNECTION_TERMINATION);
        }
    }

    @Test
    void host_thatSpeaksHttp1_isAProtocolError() {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.read(24);
            peer.send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            peer.awaitEnd();
        })) {
            assertThat(Call.get(transport, target(server)).resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // Fields of the response's head.
        "x-a,b",
        ":status,abc",
        ":status,99",
        ":status,101",
        ":other,200",
        "X-Upper,1",
    })
    void head_thatIsMalformed_isAProtocolErrorOfTheStreamOnly(String name, String value) {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            if (name.startsWith(":status")) {
                http2.headers(stream, false, name, value);
            } else if (name.equals("x-a")) {
                http2.headers(stream, false, name, value);
            } else {
                http2.headers(stream, false, ":status", "200", name, value);
            }
            http2.next(Http2Peer.RST_STREAM);
            http2.headers(http2.next(Http2Peer.HEADERS).streamId(), true, ":status", "200");
            peer.awaitEnd();
        })) {
            UpstreamTarget target = target(server);
            assertThat(Call.get(transport, target).resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
            assertThat(Call.get(transport, target).awaitComplete().status()).isEqualTo(200);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void head_overTheConfiguredSize_isAProtocolError() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            List<String> fields = new ArrayList<>(List.of(":status", "200"));
            for (int i = 0; i < 8; i++) {
                fields.addAll(List.of("x-" + i, "a".repeat(1000)));
            }
            http2.headers(stream, true, fields.toArray(new String[0]));
            peer.awaitEnd();
        })) {
            HttpOptions options = Upstreams.options(HttpVersion.HTTP_2);
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_2)
                    .with(new HttpOptions(options.version(), options.idleTimeout(), null, 0, 100, 4));
            assertThat(Call.get(transport, upstreams.target()).resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
        }
    }

    @Test
    void head_withMoreThanAHundredFields_isAProtocolError() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            List<String> fields = new ArrayList<>(List.of(":status", "200"));
            for (int i = 0; i < 101; i++) {
                fields.addAll(List.of("x-" + i, "a"));
            }
            http2.headers(stream, true, fields.toArray(new String[0]));
            peer.awaitEnd();
        })) {
            assertThat(Call.get(transport, target(server)).resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
        }
    }

    @Test
    void data_beforeTheHead_isAProtocolError() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            http2.data(http2.next(Http2Peer.HEADERS).streamId(), true, new byte[1]);
            peer.awaitEnd();
        })) {
            assertThat(Call.get(transport, target(server)).resetReason()).isEqualTo(ResetReason.PROTOCOL_ERROR);
        }
    }

    @Test
    void informationalResponses_areReportedAndSkipped() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            http2.headers(stream, false, ":status", "100");
            for (int i = 0; i < 300; i++) {
                http2.headers(stream, false, ":status", "103");
            }
            http2.headers(stream, true, ":status", "200");
            peer.awaitEnd();
        })) {
            Call call = Call.get(transport, target(server)).awaitComplete();
            assertThat(call.informational).hasSize(301).startsWith(100, 103);
            assertThat(call.headEndedStream()).isTrue();
        }
    }

    @Test
    void cancel_resetsTheStreamAndKeepsTheConnection() {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            http2.next(Http2Peer.HEADERS);
            code.complete(http2.next(Http2Peer.RST_STREAM).number());
            http2.headers(http2.next(Http2Peer.HEADERS).streamId(), true, ":status", "200");
            peer.awaitEnd();
        })) {
            UpstreamTarget target = target(server);
            Call call = Call.get(transport, target);
            await().until(() -> !call.connections.isEmpty());
            call.onLoop(stream -> stream.cancel());
            Call.get(transport, target).awaitComplete();

            assertThat(code).isCompletedWithValue((int) Http2Error.CANCEL.code());
            assertThat(call.isOver()).isFalse();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void reader_thatDoesNotAsk_leavesTheHostWithAnEmptyWindow() {
        CompletableFuture<Integer> windowUpdate = new CompletableFuture<>();
        int window = 256 * 1024;
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            http2.headers(stream, false, ":status", "200");
            for (int i = 0; i < window / 16384; i++) {
                http2.data(stream, false, new byte[16384]);
            }
            Http2Peer.Frame frame = http2.next(Http2Peer.WINDOW_UPDATE);
            while (frame.streamId() == 0) {
                frame = http2.next(Http2Peer.WINDOW_UPDATE);
            }
            windowUpdate.complete(frame.number());
            http2.data(stream, true, new byte[1]);
            peer.awaitEnd();
        })) {
            Call call = Call.start(transport.next(), transport, target(server), Call.head("GET"), null, 0);
            call.awaitHead();
            assertThat(call.received.get()).isZero();
            assertThat(windowUpdate).isNotDone();
            call.onLoop(stream -> stream.request(Long.MAX_VALUE));
            call.awaitComplete();

            assertThat(windowUpdate.join()).isGreaterThanOrEqualTo(window / 2);
            assertThat(call.received.get()).isEqualTo(window + 1);
        }
    }

    @Test
    void host_thatGivesNoWindow_stopsTheWriter() {
        CompletableFuture<Integer> received = new CompletableFuture<>();
        CountDownLatch open = new CountDownLatch(1);
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2(INITIAL_WINDOW_SIZE, 100);
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            open.await();
            byte[] increment = ByteBuffer.allocate(4).putInt(1_000_000).array();
            http2.frame(Http2Peer.WINDOW_UPDATE, 0, stream, increment);
            http2.frame(Http2Peer.WINDOW_UPDATE, 0, 0, increment);
            int bytes = 0;
            Http2Peer.Frame frame;
            do {
                frame = http2.next(Http2Peer.DATA);
                bytes += frame.payload().length;
            } while (!frame.endsStream());
            received.complete(bytes);
            http2.headers(stream, true, ":status", "200");
            peer.awaitEnd();
        })) {
            Call call = Call.start(
                    transport.next(),
                    transport,
                    target(server),
                    Call.head("POST"),
                    false,
                    1,
                    writer -> {
                        boolean last = writer.writableCalls.get() > 1;
                        writer.stream().write(ByteBuffer.wrap(new byte[100_000]), last);
                    },
                    reader -> {});
            await().until(() -> call.writableCalls.get() == 1);
            call.onLoop(stream -> assertThat(stream.isWritable()).isFalse());
            open.countDown();
            call.awaitComplete();
            assertThat(received).isCompletedWithValue(200_000);
        }
    }

    @Test
    void answerBeforeTheBodyWasSent_isDeliveredAndTheStreamReset() {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = http2.next(Http2Peer.HEADERS).streamId();
            http2.headers(stream, true, ":status", "413");
            code.complete(http2.next(Http2Peer.RST_STREAM).number());
            peer.awaitEnd();
        })) {
            Call call = Call.start(
                    transport.next(),
                    transport,
                    target(server),
                    Call.head("POST"),
                    false,
                    1,
                    writer -> {},
                    reader -> {});
            assertThat(call.awaitComplete().status()).isEqualTo(413);
            await().until(code::isDone);
        }
    }

    @Test
    void streamsOverTheHostsLimit_waitForOthersOrGetANewConnection() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2(MAX_CONCURRENT_STREAMS, 1);
            while (true) {
                http2.headers(http2.next(Http2Peer.HEADERS).streamId(), true, ":status", "200");
            }
        })) {
            UpstreamTarget target = target(server);
            Call.get(transport, target).awaitComplete();
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                calls.add(Call.get(transport, target));
            }
            calls.forEach(Call::awaitComplete);
        }
    }

    @Test
    void manyCancelledStreams_doNotCostTheConnection() {
        try (HostileServer server = HostileServer.start(peer -> {
            Http2Peer http2 = peer.http2();
            int stream = 0;
            while (true) {
                Http2Peer.Frame frame = http2.next();
                if (frame.type() == Http2Peer.HEADERS) {
                    stream = frame.streamId();
                    http2.headers(stream, stream > 2000, ":status", "200");
                }
            }
        })) {
            UpstreamTarget target = target(server);
            for (int i = 0; i < 1001; i++) {
                Call call = Call.get(transport, target);
                call.awaitHead();
                call.onLoop(stream -> stream.cancel());
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }
}
