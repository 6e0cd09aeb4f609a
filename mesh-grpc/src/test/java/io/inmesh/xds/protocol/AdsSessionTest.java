package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.testing.Resources.cluster;
import static io.inmesh.xds.testing.Resources.endpoints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.Status;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.testing.FreePorts;
import io.inmesh.xds.testing.ScriptedAdsServer;
import io.inmesh.xds.testing.ScriptedStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdsSessionTest {

    @Test
    void stream_resourcesAckRefusalAndReconnect_overTheWire() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start();
                LiveSession live = LiveSession.of(server.target())) {
            live.wants(session -> {
                session.wildcard(CLUSTER);
                session.subscribe(ENDPOINTS, "a");
            });
            ScriptedStream stream = server.awaitStream();
            DeltaDiscoveryRequest first = stream.awaitDeltaRequest(CLUSTER);
            assertThat(first.getNode().getId()).isEqualTo("n1");
            assertThat(first.getNode().getUserAgentName()).isEqualTo("inmesh");
            assertThat(first.getResourceNamesSubscribeList()).containsExactly("*");
            assertThat(stream.awaitDeltaRequest(ENDPOINTS).hasNode()).isFalse();

            stream.respond(CLUSTER, "1", cluster("a"));
            assertThat(stream.awaitDeltaRequest(CLUSTER).getResponseNonce()).isEqualTo("1");
            assertThat(live.connection().connected()).isTrue();

            live.handler.reject.put("b", "lb_policy: not known");
            stream.respond(CLUSTER, "2", cluster("b"), cluster("c"));
            DeltaDiscoveryRequest refusal = stream.awaitDeltaRequest(CLUSTER);
            assertThat(refusal.getErrorDetail().getMessage()).contains("b: lb_policy: not known");
            assertThat(live.handler.versions).containsEntry("CLUSTER c", "2").doesNotContainKey("CLUSTER b");

            stream.fail(Status.UNAVAILABLE.withDescription("maintenance"));
            ScriptedStream next = server.awaitStream();
            assertThat(next.awaitDeltaRequest(CLUSTER).getInitialResourceVersionsMap())
                    .isEqualTo(Map.of("a", "1", "c", "2"));
            assertThat(live.handler.versions).containsKey("CLUSTER a");
        }
    }

    @Test
    void stream_largeResponse_isTaken() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start();
                LiveSession live = LiveSession.of(server.target())) {
            live.wants(session -> session.subscribe(ENDPOINTS, "big"));
            ScriptedStream stream = server.awaitStream();
            stream.awaitDeltaRequest(ENDPOINTS);
            int[] ports = new int[300_000];
            Arrays.fill(ports, 9999);
            stream.respond(ENDPOINTS, "1", endpoints("big", ports));
            assertThat(stream.awaitDeltaRequest(ENDPOINTS).hasErrorDetail()).isFalse();
        }
    }

    @Test
    void incremental_notImplemented_stateOfTheWorld() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start(0, XdsTransport.STATE_OF_THE_WORLD);
                LiveSession live = LiveSession.of(server.target())) {
            live.wants(session -> session.wildcard(CLUSTER));
            ScriptedStream stream = server.awaitStream();
            DiscoveryRequest request = stream.awaitRequest(CLUSTER);
            assertThat(request.getResourceNamesList()).isEmpty();
            assertThat(request.hasNode()).isTrue();
            stream.respond(CLUSTER, "1", cluster("a"));
            assertThat(stream.awaitRequest(CLUSTER).getVersionInfo()).isEqualTo("1");
        }
    }

    @Test
    void server_withoutAds_errorSaysWhatItLacks() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start(0);
                LiveSession live = LiveSession.of(server.target())) {
            live.wants(session -> session.wildcard(CLUSTER));
            await().untilAsserted(() ->
                    assertThat(live.error()).contains(server.target(), "does not serve", "AggregatedDiscoveryService"));
            await().until(() -> server.streamsOpened() >= 4);
            assertThat(live.connection().connected()).isFalse();
        }
    }

    @Test
    void server_plainHttp_errorSaysThatItIsNotGrpc() throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.start();
        try (LiveSession live = LiveSession.of("127.0.0.1:" + http.getAddress().getPort())) {
            live.wants(session -> session.wildcard(CLUSTER));
            await().untilAsserted(() -> assertThat(live.error()).contains("does not speak gRPC"));
        } finally {
            http.stop(0);
        }
    }

    @Test
    void server_closesEveryConnection_isTriedAgainWithBackoff() throws IOException {
        AtomicInteger accepted = new AtomicInteger();
        try (ServerSocket tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                LiveSession live = LiveSession.of("127.0.0.1:" + tcp.getLocalPort())) {
            Thread closer = new Thread(() -> acceptAndClose(tcp, accepted));
            closer.setDaemon(true);
            closer.start();
            live.wants(session -> session.wildcard(CLUSTER));
            await().until(() -> accepted.get() >= 3);
            assertThat(live.connection().connected()).isFalse();
            await().untilAsserted(() -> assertThat(live.error()).contains("UNAVAILABLE"));
        }
    }

    @Test
    void server_acceptsAndSaysNothing_connectTimeoutLeadsToTheNext() throws IOException {
        AdsSettings impatient = new AdsSettings(
                Duration.ofSeconds(15),
                Duration.ofSeconds(3),
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10));
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ScriptedAdsServer second = ScriptedAdsServer.start();
                LiveSession live = new LiveSession(
                        impatient,
                        XdsServer.plaintext("127.0.0.1:" + silent.getLocalPort()),
                        XdsServer.plaintext(second.target()))) {
            live.wants(session -> session.wildcard(CLUSTER));
            ScriptedStream stream = second.awaitStream();
            stream.awaitDeltaRequest(CLUSTER);
            stream.respond(CLUSTER, "1", cluster("a"));
            stream.awaitDeltaRequest(CLUSTER);
            assertThat(live.connection().server()).isEqualTo(second.target());
        }
    }

    @Test
    void servers_firstDownThenBack_sessionMovesAndMovesBack() {
        int port = FreePorts.next();
        try (ScriptedAdsServer second = ScriptedAdsServer.start();
                LiveSession live = LiveSession.of("127.0.0.1:" + port, second.target())) {
            live.wants(session -> session.wildcard(CLUSTER));
            ScriptedStream fallback = second.awaitStream();
            fallback.awaitDeltaRequest(CLUSTER);
            fallback.respond(CLUSTER, "1", cluster("a"));
            fallback.awaitDeltaRequest(CLUSTER);
            try (ScriptedAdsServer first = ScriptedAdsServer.start(port, XdsTransport.INCREMENTAL)) {
                ScriptedStream back = first.awaitStream();
                back.awaitDeltaRequest(CLUSTER);
                back.respond(CLUSTER, "9", cluster("b"));
                back.awaitDeltaRequest(CLUSTER);
                fallback.awaitEnd();
                await().untilAsserted(
                                () -> assertThat(live.connection().server()).isEqualTo(first.target()));
            }
        }
    }

    @Test
    void server_floodsAndSendsGarbage_sessionStaysUsable() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start();
                LiveSession live = LiveSession.of(server.target())) {
            live.wants(session -> session.wildcard(CLUSTER));
            ScriptedStream stream = server.awaitStream();
            stream.awaitDeltaRequest(CLUSTER);
            for (int i = 0; i < 2_000; i++) {
                stream.send(DeltaDiscoveryResponse.newBuilder()
                        .setTypeUrl("type.googleapis.com/garbage." + i)
                        .setNonceBytes(ByteString.copyFromUtf8("g" + i))
                        .build());
            }
            stream.respond(CLUSTER, "1", cluster("a"));
            assertThat(stream.awaitDeltaRequest(CLUSTER).getResponseNonce()).isEqualTo("1");
        }
    }

    @Test
    void server_withMetadata_sendsIt_andUnsupportedSecurityIsNeverDialled() {
        try (ScriptedAdsServer server = ScriptedAdsServer.start()) {
            XdsServer open = new XdsServer(
                    server.target(), new Security.Plaintext(), XdsTransport.INCREMENTAL, Map.of("x-tenant", "t1"));
            try (LiveSession live = new LiveSession(LiveSession.QUICK, open)) {
                live.wants(session -> session.wildcard(CLUSTER));
                server.awaitStream();
                assertThat(server.lastMetadata("x-tenant")).isEqualTo("t1");
            }
            int before = server.streamsOpened();
            XdsServer secured = new XdsServer(
                    server.target(), new Security.Unsupported("tls of x"), XdsTransport.INCREMENTAL, Map.of());
            try (LiveSession live = new LiveSession(LiveSession.QUICK, secured)) {
                live.wants(session -> session.wildcard(CLUSTER));
                await().untilAsserted(() -> assertThat(live.error()).contains("tls of x is not supported"));
                assertThat(server.streamsOpened()).isEqualTo(before);
            }
        }
    }

    private static void acceptAndClose(ServerSocket tcp, AtomicInteger accepted) {
        while (!tcp.isClosed()) {
            try (Socket socket = tcp.accept()) {
                socket.setSoLinger(true, 0);
                accepted.incrementAndGet();
            } catch (IOException e) {
                return;
            }
        }
    }
}
