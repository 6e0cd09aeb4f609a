package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.http.server.RawClient;
import io.inmesh.http.testing.Http2Peer;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.transport.TlsOptions;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A root is compromised and withdrawn: whoever has a certificate of it is rid of, connections that are open included, on both sides. */
@Timeout(120)
@ExtendWith(LeakWatch.class)
class WithdrawnRootTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Longer than this test waits: what ends connections is the withdrawal itself. */
    private static final TlsOptions AT_ONCE =
            TlsOptions.DEFAULT.withDrainPeriod(Duration.ofHours(1)).withDrainOnRootRemoval();

    private final X509Bundle compromised = TestSecrets.root("compromised");
    private final X509Bundle sound = TestSecrets.root("sound");

    static Stream<TlsOptions> options() {
        return Stream.of(TlsOptions.DEFAULT.withDrainPeriod(Duration.ofSeconds(1)), AT_ONCE);
    }

    @ParameterizedTest
    @MethodSource("options")
    void peer_ofAWithdrawnRoot_losesItsConnectionsToTheServerAndGetsNoNewOnes(TlsOptions options) throws Exception {
        X509Bundle own = TestSecrets.identity(sound, SecuredServer.NAME);
        try (SecuredServer server =
                SecuredServer.start(Configuration.server("", ""), options, own, sound, compromised)) {
            Attacker attacker = new Attacker(server.port(), SecuredClient.identity(compromised));
            try (RawClient busy = attacker.http1();
                    RawClient idle = attacker.http1()) {
                assertThat(busy.send(Attacker.get("/a")).response().status()).isEqualTo(200);
                assertThat(idle.send(Attacker.get("/a")).response().status()).isEqualTo(200);
                Http2Peer http2 = attacker.http2();
                http2Request(http2, 1);
                assertThat(http2.next(Http2Peer.HEADERS).streamId()).isEqualTo(1);

                server.set(Configuration.own(own), Configuration.roots(sound));

                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> busy.send(Attacker.get("/b")).response().closes());
                assertThat(busy.isClosed()).isTrue();
                assertThat(idle.isClosed()).isTrue();
                assertThat(http2.next(Http2Peer.GOAWAY).streamId()).isZero();
                assertThatThrownBy(() -> http2.next(Http2Peer.DATA)).isInstanceOf(IOException.class);
            }
            int before = server.application.requests.get();
            assertThatThrownBy(() -> attacker.http1().send(Attacker.get("/c")).response())
                    .isInstanceOf(IOException.class);
            assertThat(server.application.requests).hasValue(before);
            try (RawClient good = new Attacker(server.port(), SecuredClient.identity(sound)).http1()) {
                assertThat(good.send(Attacker.get("/d")).response().status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void server_ofAWithdrawnRoot_getsNoMoreRequests(TlsOptions options) throws Exception {
        // The server trusts the client's root and keeps its own certificate: it has been taken over.
        try (SecuredServer server = SecuredServer.start(
                        Configuration.server("", ""),
                        TlsOptions.DEFAULT,
                        TestSecrets.identity(compromised, SecuredServer.NAME),
                        sound);
                SecuredClient client =
                        new SecuredClient(server.port(), options, SecuredClient.identity(sound), sound, compromised)) {
            for (int version = 1; version <= 2; version++) {
                assertThat(get(client, version).statusCode()).isEqualTo(200);
            }

            client.set(Configuration.own(SecuredClient.identity(sound)), Configuration.roots(sound));

            for (int each = 1; each <= 2; each++) {
                int version = each;
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> get(client, version).statusCode() == 503);
            }
            int before = server.application.requests.get();
            for (int version = 1; version <= 2; version++) {
                assertThat(get(client, version).statusCode()).isEqualTo(503);
            }
            assertThat(server.application.requests).hasValue(before);
        }
    }

    private static HttpResponse<String> get(SecuredClient client, int version) throws Exception {
        return client.http.send(
                HttpRequest.newBuilder(SecuredClient.uri(version, "/")).build(), BodyHandlers.ofString());
    }

    private static void http2Request(Http2Peer http2, int stream) throws IOException {
        http2.headers(stream, true, ":method", "GET", ":scheme", "https", ":authority", "shop", ":path", "/a");
    }
}
