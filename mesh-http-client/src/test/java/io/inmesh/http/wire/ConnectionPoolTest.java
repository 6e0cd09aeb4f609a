package io.inmesh.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HostileServer;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.Upstreams;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.resilience.CircuitBreaker;
import io.inmesh.resilience.CircuitBreaker.Resource;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who gets which connection, and who waits, as Envoy's pools have it. */
@ExtendWith(LeakWatch.class)
class ConnectionPoolTest {
    private final NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT.withLoops(1));

    @AfterEach
    void close() {
        transport.close();
        transport.closed().toCompletableFuture().join();
    }

    private static Thresholds limits(int connections, int pending, int requests) {
        return new Thresholds(connections, pending, requests, 3, null);
    }

    private static HttpOptions options(
            HttpVersion version, @Nullable Duration idle, @Nullable Duration longest, int requests, int streams) {
        return new HttpOptions(version, idle, longest, requests, streams, 60);
    }

    private static void awaitUnused(Upstreams upstreams) {
        CircuitBreaker breaker = upstreams.cluster().circuitBreaker(false);
        await().untilAsserted(() -> {
            assertThat(breaker.count(Resource.REQUESTS)).isZero();
            assertThat(breaker.count(Resource.PENDING_REQUESTS)).isZero();
        });
    }

    @Test
    void requestsAtOnce_overHttp1_haveAConnectionEachAndShareThemLater() {
        Semaphore answers = new Semaphore(0);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answers.acquire();
            return Response.ok("");
        })) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_1);
            CircuitBreaker breaker = upstreams.cluster().circuitBreaker(false);
            for (int round = 0; round < 2; round++) {
                List<Call> calls = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    calls.add(Call.get(transport, upstreams.target()));
                }
                await().until(() -> breaker.count(Resource.REQUESTS) == 5);
                answers.release(5);
                calls.forEach(Call::awaitComplete);
            }
            assertThat(server.connections()).isEqualTo(5);
            assertThat(breaker.count(Resource.CONNECTIONS)).isEqualTo(5);
            awaitUnused(upstreams);
        }
    }

    @Test
    void requestsAtOnce_overHttp2_shareOneConnection() {
        Semaphore answers = new Semaphore(0);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answers.acquire();
            return Response.ok("");
        })) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_2);
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                calls.add(Call.get(transport, upstreams.target()));
            }
            await().until(() -> upstreams.cluster().circuitBreaker(false).count(Resource.REQUESTS) == 50);
            answers.release(50);
            calls.forEach(Call::awaitComplete);
            assertThat(server.connections()).isEqualTo(1);
            awaitUnused(upstreams);
        }
    }

    @Test
    void maxConnections_one_makesRequestsWait() {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(""))) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(limits(1, 1024, 1024));
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                calls.add(Call.get(transport, upstreams.target()));
            }
            calls.forEach(Call::awaitComplete);
            assertThat(server.connections()).isEqualTo(1);
            awaitUnused(upstreams);
        }
    }

    @Test
    void maxConnections_none_stillAllowsOneForAHost() {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(""))) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(limits(0, 1024, 1024));
            Call.get(transport, upstreams.target()).awaitComplete();
            Call.get(transport, upstreams.target()).awaitComplete();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void maxPendingRequests_reached_overflows() {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answer.await();
            return Response.ok("");
        })) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(limits(1, 1, 1024));
            Call first = Call.get(transport, upstreams.target());
            await().until(() -> !first.connections.isEmpty());
            Call second = Call.get(transport, upstreams.target());
            Call third = Call.get(transport, upstreams.target());

            assertThat(third.resetReason()).isEqualTo(ResetReason.OVERFLOW);
            answer.countDown();
            first.awaitComplete();
            second.awaitComplete();
            awaitUnused(upstreams);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void maxRequests_reached_overflows(HttpVersion version) {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answer.await();
            return Response.ok("");
        })) {
            Upstreams upstreams = Upstreams.of(server.port(), version).with(limits(1024, 1024, 1));
            Call first = Call.get(transport, upstreams.target());
            await().until(() -> !first.connections.isEmpty());
            Call second = Call.get(transport, upstreams.target());

            assertThat(second.resetReason()).isEqualTo(ResetReason.OVERFLOW);
            answer.countDown();
            first.awaitComplete();
            awaitUnused(upstreams);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void maxRequestsPerConnection_reached_makesANewConnection(HttpVersion version) {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(""))) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), version).with(options(version, Duration.ofHours(1), null, 2, 100));
            for (int i = 0; i < 6; i++) {
                Call.get(transport, upstreams.target()).awaitComplete();
            }
            assertThat(server.connections()).isEqualTo(3);
            await().until(() -> server.openConnections() == 0);
            awaitUnused(upstreams);
        }
    }

    @Test
    void maxConcurrentStreams_configured_makesMoreConnections() {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answer.await();
            return Response.ok("");
        })) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_2)
                    .with(options(HttpVersion.HTTP_2, Duration.ofHours(1), null, 0, 2));
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                calls.add(Call.get(transport, upstreams.target()));
            }
            await().until(() -> upstreams.cluster().circuitBreaker(false).count(Resource.REQUESTS) == 6);
            answer.countDown();
            calls.forEach(Call::awaitComplete);
            assertThat(server.connections()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void idleTimeout_over_closesTheConnection(HttpVersion version) {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(""))) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), version).with(options(version, Duration.ofMillis(50), null, 0, 100));
            Call.get(transport, upstreams.target()).awaitComplete();
            await().until(() -> server.openConnections() == 0);
            await().until(() -> upstreams.cluster().circuitBreaker(false).count(Resource.CONNECTIONS) == 0);
            Call.get(transport, upstreams.target()).awaitComplete();
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void maxConnectionDuration_over_closesWhenTheStreamHasEnded(HttpVersion version) {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answer.await();
            return Response.ok("");
        })) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), version).with(options(version, null, Duration.ofMillis(30), 0, 100));
            Call first = Call.get(transport, upstreams.target());
            await().until(() -> !first.connections.isEmpty());
            // A later request sees a new connection once the first one is over its time.
            List<Call> others = new ArrayList<>();
            await().until(() -> {
                others.add(Call.get(transport, upstreams.target()));
                return server.connections() > 1;
            });
            answer.countDown();
            first.awaitComplete();
            others.forEach(Call::awaitComplete);
            await().until(() -> server.openConnections() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void retiredHost_losesIdleConnectionsAtOnceAndOthersWhenTheirRequestsEnd(HttpVersion version) {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            if ("wait".equals(request.header("x-do"))) {
                answer.await();
            }
            return Response.ok("");
        })) {
            Upstreams upstreams = Upstreams.of(server.port(), version);
            upstreams.registry().addListener(transport);
            UpstreamTarget target = upstreams.target();
            Call busy = Call.get(transport, target, "x-do", "wait");
            await().until(() -> !busy.connections.isEmpty());
            Call.get(transport, target).awaitComplete();
            int open = server.openConnections();

            upstreams.with(Endpoint.of("127.0.0.2", server.port()));
            await().until(() -> server.openConnections() == (version == HttpVersion.HTTP_1 ? open - 1 : open));
            assertThat(busy.isOver()).isFalse();
            answer.countDown();
            busy.awaitComplete();
            await().until(() -> server.openConnections() == 0);
            awaitUnused(upstreams);
        }
    }

    @Test
    void clusterWithAnotherProtocol_getsNewConnections() {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(request.version()))) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_1);
            upstreams.registry().addListener(transport);
            assertThat(Call.get(transport, upstreams.target()).awaitComplete().text())
                    .isEqualTo("HTTP/1.1");
            upstreams.with(Upstreams.options(HttpVersion.HTTP_2));
            assertThat(Call.get(transport, upstreams.target()).awaitComplete().text())
                    .isEqualTo("HTTP/2");
            await().until(() -> server.openConnections() == 1);
        }
    }

    @Test
    void connectionRefused_failsAllThatWait() throws IOException {
        // Taken, but nobody listens.
        try (Socket taken = new Socket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = taken.getLocalPort();
            Upstreams upstreams = Upstreams.of(port, HttpVersion.HTTP_1).with(limits(1, 1024, 1024));
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(Call.get(transport, upstreams.target()));
            }
            for (Call call : calls) {
                assertThat(call.resetReason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
                assertThat(call.awaitReset().cause()).isInstanceOf(ConnectException.class);
                assertThat(call.awaitReset().detail()).contains("127.0.0.1:" + port);
                assertThat(call.connections).isEmpty();
            }
            awaitUnused(upstreams);
            await().until(() -> upstreams.cluster().circuitBreaker(false).count(Resource.CONNECTIONS) == 0);
        }
    }

    @Test
    void connectTimeout_over_isAConnectionTimeout() throws IOException {
        // A listener whose queue is full lets further connections hang.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Call> calls = new ArrayList<>();
            Upstreams upstreams =
                    Upstreams.of(full.getLocalPort(), HttpVersion.HTTP_1).withConnectTimeout(Duration.ofMillis(300));
            for (int i = 0; i < 8; i++) {
                calls.add(Call.get(transport, upstreams.target()));
            }
            await().until(() -> calls.stream().anyMatch(Call::isOver));
            Call timedOut = calls.stream().filter(Call::isOver).findFirst().orElseThrow();
            assertThat(timedOut.resetReason()).isEqualTo(ResetReason.CONNECTION_TIMEOUT);
            assertThat(timedOut.awaitReset().cause()).isInstanceOf(HttpConnectTimeoutException.class);
        }
    }

    @Test
    void cancel_whileWaiting_leavesTheQueue() {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answer.await();
            return Response.ok("");
        })) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(limits(1, 1, 1024));
            Call first = Call.get(transport, upstreams.target());
            await().until(() -> !first.connections.isEmpty());
            Call second = Call.get(transport, upstreams.target());
            second.onLoop(stream -> stream.cancel());
            Call third = Call.get(transport, upstreams.target());
            answer.countDown();
            first.awaitComplete();
            third.awaitComplete();
            assertThat(second.isOver()).isFalse();
            awaitUnused(upstreams);
        }
    }

    @Test
    void cancel_inTheSameTurnAsOpen_sendsNothing() {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(""))) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_1);
            CallLoop loop = transport.next();
            Call other = Call.get(transport, upstreams.target()).awaitComplete();
            Call call = Call.start(loop, transport, upstreams.target(), Call.head("GET"), null, 1);
            loop.execute(() -> {
                var stream = transport.open(loop, upstreams.target(), Call.head("GET"), true, call);
                stream.cancel();
            });
            call.awaitComplete();
            awaitUnused(upstreams);
            assertThat(other.connections.get(0).localAddress())
                    .isEqualTo(call.connections.get(0).localAddress());
        }
    }

    @Test
    void shutdown_letsRunningRequestsFinishAndRefusesNewOnes() {
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> {
            answer.await();
            return Response.ok("late");
        })) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_1);
            Call running = Call.get(transport, upstreams.target());
            await().until(() -> !running.connections.isEmpty());
            transport.shutdown();
            assertThat(Call.get(transport, upstreams.target()).resetReason()).isEqualTo(ResetReason.LOCAL_RESET);
            assertThat(transport.closed().toCompletableFuture()).isNotDone();
            answer.countDown();

            assertThat(running.awaitComplete().text()).isEqualTo("late");
            transport.closed().toCompletableFuture().join();
            assertThat(upstreams.cluster().circuitBreaker(false).count(Resource.CONNECTIONS))
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_2"})
    void close_endsRunningAndWaitingRequests(HttpVersion version) {
        try (HostileServer server = HostileServer.start(peer -> peer.awaitEnd())) {
            Upstreams upstreams = Upstreams.of(server.port(), version).with(limits(1, 1024, 1));
            Call running = Call.get(transport, upstreams.target());
            await().until(() -> !running.connections.isEmpty());
            transport.close();

            assertThat(running.resetReason()).isEqualTo(ResetReason.LOCAL_RESET);
            transport.closed().toCompletableFuture().join();
            await().until(() -> server.openConnections() == 0);
            awaitUnused(upstreams);
        }
    }
}
