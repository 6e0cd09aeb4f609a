package io.inmesh.http.wire;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HostileServer;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestTls;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import io.inmesh.outbound.UpstreamTransport.Reset;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Destinations outside the mesh: the application's TLS, and names that have to be resolved. */
@ExtendWith(LeakWatch.class)
class ApplicationTlsTest {
    private static final TestTls TLS = TestTls.forLocalhost();
    private static final TestTls OTHER = TestTls.forNames("dns:other.example");

    private final List<NettyTransport> transports = new ArrayList<>();

    @AfterEach
    void close() {
        transports.forEach(NettyTransport::close);
        transports.forEach(transport -> transport.closed().toCompletableFuture().join());
    }

    private NettyTransport transport(WireOptions options) {
        NettyTransport transport = NettyTransport.create(options.withLoops(1));
        transports.add(transport);
        return transport;
    }

    private static Passthrough https(int port, HttpVersion version) {
        return new Passthrough("https", "localhost", port, version);
    }

    @ParameterizedTest
    @CsvSource({
        "ALPN,h2;http/1.1,HTTP/2",
        "ALPN,http/1.1,HTTP/1.1",
        "ALPN,'',HTTP/1.1",
        "HTTP_1,h2;http/1.1,HTTP/1.1",
    })
    void https_withWhatBothAllow_selectsTheProtocol(HttpVersion version, String offered, String selected) {
        List<String> protocols = offered.isEmpty() ? List.of() : List.of(offered.split(";"));
        try (HttpTestServer server = HttpTestServer.startTls(
                TLS.server(), protocols, request -> Response.ok(request.version() + request.text()))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withTls(TLS.client(), null));
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                calls.add(Call.start(
                        transport.next(),
                        transport,
                        https(server.port(), version),
                        Call.head("POST"),
                        new byte[] {'!'},
                        Long.MAX_VALUE));
            }
            for (Call call : calls) {
                assertThat(call.awaitComplete().text()).isEqualTo(selected + "!");
                assertThat(call.connections.get(0).protocol()).isEqualTo(selected);
                assertThat(call.connections.get(0).tls()).isNotNull();
            }
            if (selected.equals("HTTP/2")) {
                assertThat(server.connections()).isEqualTo(1);
            }
        }
    }

    @Test
    void https_aLargeBodyBothWays_isWhole() {
        byte[] body = new byte[5 << 20];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (i * 31);
        }
        try (HttpTestServer server = HttpTestServer.startTls(
                TLS.server(), List.of(), request -> new Response(200, List.of(), request.body(), List.of()))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withTls(TLS.client(), null));
            Call call = Call.start(
                            transport.next(),
                            transport,
                            https(server.port(), HttpVersion.HTTP_1),
                            Call.head("POST"),
                            body,
                            Long.MAX_VALUE)
                    .awaitComplete();
            assertThat(call.body.toByteArray()).isEqualTo(body);
        }
    }

    @Test
    void https_aCertificateForAnotherName_isRefused() {
        try (HttpTestServer server =
                HttpTestServer.startTls(OTHER.server(), List.of(), request -> Response.ok("never"))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withTls(OTHER.client(), new SSLParameters()));
            Reset reset =
                    Call.get(transport, https(server.port(), HttpVersion.ALPN)).awaitReset();

            assertThat(reset.reason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
            assertThat(reset.cause()).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void https_aCertificateThatIsNotTrusted_isRefused() {
        try (HttpTestServer server =
                HttpTestServer.startTls(TLS.server(), List.of(), request -> Response.ok("never"))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withTls(OTHER.client(), null));
            Reset reset =
                    Call.get(transport, https(server.port(), HttpVersion.ALPN)).awaitReset();

            assertThat(reset.reason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
            assertThat(reset.cause()).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void https_protocolsOfTheParameters_areHeeded() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.2"});
        try (HttpTestServer server =
                HttpTestServer.startTls(TLS.server(), List.of("h2", "http/1.1"), request -> Response.ok(""))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withTls(TLS.client(), parameters));
            Call call =
                    Call.get(transport, https(server.port(), HttpVersion.ALPN)).awaitComplete();

            assertThat(call.connections).singleElement().satisfies(facts -> {
                assertThat(facts.protocol()).isEqualTo("HTTP/2");
                assertThat(requireNonNull(facts.tls()).getProtocol()).isEqualTo("TLSv1.2");
            });
        }
    }

    @Test
    void https_toAHostWithoutTls_fails() {
        try (HostileServer server = HostileServer.start(peer -> peer.send("220 not TLS but a mail server\r\n"))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withTls(TLS.client(), null));
            Call call = Call.get(transport, https(server.port(), HttpVersion.ALPN));
            assertThat(call.resetReason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
            assertThat(call.awaitReset().cause()).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void https_aHandshakeThatStalls_isAConnectTimeout() {
        try (HostileServer server = HostileServer.start(peer -> peer.awaitEnd())) {
            NettyTransport transport = transport(
                    WireOptions.DEFAULT.withTls(TLS.client(), null).withConnectTimeout(Duration.ofMillis(200)));
            Reset reset =
                    Call.get(transport, https(server.port(), HttpVersion.ALPN)).awaitReset();

            assertThat(reset.reason()).isEqualTo(ResetReason.CONNECTION_TIMEOUT);
            assertThat(reset.cause()).isInstanceOf(HttpConnectTimeoutException.class);
            await().until(() -> server.openConnections() == 0);
        }
    }

    @Test
    void close_whileTheCertificateIsChecked_releasesTheHandshake() throws Exception {
        CountDownLatch checking = new CountDownLatch(1);
        CountDownLatch checked = new CountDownLatch(1);
        SSLContext context = trusting(() -> {
            checking.countDown();
            checked.await();
        });
        try (HttpTestServer server =
                HttpTestServer.startTls(TLS.server(), List.of(), request -> Response.ok("never"))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withTls(context, null));
            Call call = Call.get(transport, https(server.port(), HttpVersion.ALPN));
            checking.await();
            transport.close();

            assertThat(call.resetReason()).isEqualTo(ResetReason.LOCAL_RESET);
            // The loop was not held up by the check, and waits for its end.
            assertThat(transport.closed().toCompletableFuture()).isNotDone();
            checked.countDown();
            assertThat(transport.closed().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(60));
            await().until(() -> server.openConnections() == 0);
        } finally {
            checked.countDown();
        }
    }

    /** A client that trusts everybody, after the check. */
    private static SSLContext trusting(Check check) throws GeneralSecurityException {
        X509ExtendedTrustManager manager = new X509ExtendedTrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                    throws CertificateException {
                try {
                    check.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new CertificateException(e);
                }
            }

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {manager}, null);
        return context;
    }

    private interface Check {
        void run() throws InterruptedException;
    }

    @Test
    void resolution_thatFails_isTheExceptionThatTheJdkHas() {
        NettyTransport transport = transport(WireOptions.DEFAULT.withResolver(host -> {
            throw new UnknownHostException(host);
        }));
        Reset reset = Call.get(transport, new Passthrough("http", "no.such.host", 80, HttpVersion.HTTP_1))
                .awaitReset();

        assertThat(reset.reason()).isEqualTo(ResetReason.RESOLUTION_FAILURE);
        assertThat(reset.cause())
                .isInstanceOf(ConnectException.class)
                .hasCauseInstanceOf(UnresolvedAddressException.class);
        assertThat(reset.detail()).contains("no.such.host");
    }

    @Test
    void resolution_thatHangs_isAConnectTimeoutOfTheJdkAndHoldsUpNobody() {
        CountDownLatch hang = new CountDownLatch(1);
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok("ok"))) {
            NettyTransport transport = transport(WireOptions.DEFAULT
                    .withConnectTimeout(Duration.ofSeconds(3))
                    .withResolver(host -> {
                        if (host.equals("slow.example")) {
                            try {
                                hang.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }
                        return List.of(InetAddress.getLoopbackAddress());
                    }));
            Call slow = Call.get(transport, new Passthrough("http", "slow.example", 80, HttpVersion.HTTP_1));
            Call quick =
                    Call.get(transport, new Passthrough("http", "quick.example", server.port(), HttpVersion.HTTP_1));

            assertThat(quick.awaitComplete().text()).isEqualTo("ok");
            assertThat(slow.resetReason()).isEqualTo(ResetReason.RESOLUTION_FAILURE);
            assertThat(slow.awaitReset().cause()).isInstanceOf(HttpConnectTimeoutException.class);
            hang.countDown();
        }
    }

    @Test
    void addresses_areTriedInTurn() throws UnknownHostException {
        InetAddress refusing = InetAddress.getByAddress(new byte[] {127, 0, 0, 3});
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok("ok"))) {
            NettyTransport transport = transport(WireOptions.DEFAULT.withResolver(
                    host -> List.of(refusing, refusing, InetAddress.getLoopbackAddress())));
            Call call = Call.get(transport, new Passthrough("http", "a.example", server.port(), HttpVersion.HTTP_1));

            assertThat(call.awaitComplete().text()).isEqualTo("ok");
            assertThat(call.connections.get(0).remoteAddress()).isEqualTo(server.authority());
        }
    }
}
