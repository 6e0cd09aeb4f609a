package io.inmesh.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.Upstreams;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.Endpoint.Health;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.resilience.CircuitBreaker.Resource;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host with several addresses. */
@ExtendWith(LeakWatch.class)
class HappyEyeballsTest {
    /** Nobody listens there. */
    private static final String NOBODY = "127.0.0.3";

    private final HttpTestServer server = HttpTestServer.start(request -> Response.ok("hello"));
    private final NettyTransport transport = NettyTransport.create(WireOptions.DEFAULT.withLoops(1));

    @AfterEach
    void close() {
        transport.close();
        transport.closed().toCompletableFuture().join();
        server.close();
    }

    private static Upstreams upstreams(String address, int port, AdditionalAddress... more) {
        return Upstreams.of(port, HttpVersion.HTTP_1)
                .with(new Endpoint(address, port, 1, Health.HEALTHY, null, Map.of(), List.of(more)));
    }

    /** The rows of Envoy's own {@code HappyEyeballsConnectionProviderTest.SortAddresses}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.1                             | 10.0.0.1
            10.0.0.1 10.0.0.2 10.0.0.3           | 10.0.0.1 10.0.0.2 10.0.0.3
            ::1 ::2 ::3                          | ::1 ::2 ::3
            ::1 ::2 10.0.0.1 10.0.0.2            | ::1 10.0.0.1 ::2 10.0.0.2
            ::1 ::2 ::3 10.0.0.1                 | ::1 10.0.0.1 ::2 ::3
            10.0.0.1 ::1 ::2 10.0.0.2 10.0.0.3   | 10.0.0.1 ::1 10.0.0.2 ::2 10.0.0.3
            """)
    void order_familiesInTurn_beginningWithTheFirst(String given, String expected) {
        List<InetSocketAddress> addresses =
                Arrays.stream(given.split(" ")).map(HappyEyeballsTest::socket).toList();

        assertThat(HappyEyeballs.order(addresses))
                .containsExactlyElementsOf(Arrays.stream(expected.split(" "))
                        .map(HappyEyeballsTest::socket)
                        .toList());
    }

    private static InetSocketAddress socket(String address) {
        try {
            byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
            return new InetSocketAddress(InetAddress.getByAddress(bytes), 80);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void address_thatRefuses_isFollowedByTheNext() {
        Upstreams upstreams = upstreams(
                NOBODY,
                server.port(),
                new AdditionalAddress("::1", server.port()),
                new AdditionalAddress("127.0.0.1", server.port()));
        Call call = Call.get(transport, upstreams.target()).awaitComplete();

        assertThat(call.connections.get(0).remoteAddress()).isEqualTo(server.authority());
        assertThat(upstreams.cluster().circuitBreaker(false).count(Resource.CONNECTIONS))
                .as("one connection, however many addresses were tried")
                .isOne();
    }

    @Test
    void addresses_thatAllRefuse_areAFailureForTheReasonOfTheLast() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Upstreams upstreams = upstreams(NOBODY, port, new AdditionalAddress("127.0.0.1", port));
        Reset reset = Call.get(transport, upstreams.target()).awaitReset();

        assertThat(reset.reason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
        assertThat(reset.detail()).contains("127.0.0.1:" + port);
    }

    @Test
    void address_thatHangs_isNotWaitedFor() throws IOException {
        // A listener whose queue is full lets further connections hang.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<SocketChannel> queue = fill(full);
            int port = full.getLocalPort();
            Upstreams upstreams = upstreams("127.0.0.1", port, new AdditionalAddress("127.0.0.1", server.port()))
                    .withConnectTimeout(Duration.ofSeconds(9));
            Call call = Call.get(transport, upstreams.target()).awaitComplete();

            assertThat(call.connections.get(0).remoteAddress()).isEqualTo(server.authority());
            for (SocketChannel each : queue) {
                each.close();
            }
        }
    }

    @Test
    void addresses_thatAllHang_areATimeoutForAllTogether() throws IOException {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<SocketChannel> queue = fill(full);
            int port = full.getLocalPort();
            Upstreams upstreams = upstreams("127.0.0.1", port, new AdditionalAddress("127.0.0.1", port))
                    .withConnectTimeout(Duration.ofMillis(400));

            assertThat(Call.get(transport, upstreams.target()).resetReason()).isEqualTo(ResetReason.CONNECTION_TIMEOUT);
            for (SocketChannel each : queue) {
                each.close();
            }
        }
    }

    private static List<SocketChannel> fill(ServerSocket listener) throws IOException {
        List<SocketChannel> queue = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(listener.getLocalSocketAddress());
            queue.add(channel);
        }
        return queue;
    }
}
