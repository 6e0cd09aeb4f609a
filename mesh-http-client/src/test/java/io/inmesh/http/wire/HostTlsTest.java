package io.inmesh.http.wire;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.ResetReason;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.HttpTestServer.Response;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.http.testing.Upstreams;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.ServerTls;
import io.inmesh.transport.TlsOptions;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attempts over mesh TLS, with a server of the same: real certificates, real sockets. */
class HostTlsTest {
    private static final X509Bundle ROOT = TestSecrets.root("mesh");
    private static final X509Bundle WEB = TestSecrets.identity(ROOT, "spiffe://mesh/ns/shop/sa/web");
    private static final X509Bundle ORDERS = TestSecrets.identity(ROOT, "spiffe://mesh/ns/shop/sa/orders");

    private final TestSecrets clientSecrets = new TestSecrets();
    private final TestSecrets serverSecrets = new TestSecrets();
    private final MeshTls serverTls = MeshTls.create(serverSecrets, TlsOptions.DEFAULT);
    private @Nullable MeshTls clientTls;
    private @Nullable NettyTransport transport;

    @BeforeEach
    void identities() {
        serverSecrets.set("own", TestSecrets.certificate(ORDERS)).set("roots", TestSecrets.trust(ROOT));
    }

    @AfterEach
    void close() throws Exception {
        if (transport != null) {
            transport.close();
            transport.closed().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
        if (clientTls != null) {
            clientTls.close();
        }
        serverTls.close();
    }

    private NettyTransport transport(TlsOptions options, Duration secretTimeout) {
        MeshTls tls = MeshTls.create(clientSecrets, options);
        NettyTransport made = NettyTransport.create(
                WireOptions.DEFAULT.withLoops(1).withMeshTls(tls).withSecretTimeout(secretTimeout));
        clientTls = tls;
        transport = made;
        return made;
    }

    private NettyTransport transport() {
        clientSecrets.set("own", TestSecrets.certificate(WEB)).set("roots", TestSecrets.trust(ROOT));
        return transport(TlsOptions.DEFAULT, Duration.ofSeconds(10));
    }

    private HttpTestServer server(String... alpn) throws InterruptedException {
        ServerTls tls = serverTls.server(
                new DownstreamTls(context(null, alpn), true, false, null, null, true, true, null, false));
        CountDownLatch ready = new CountDownLatch(1);
        tls.whenReady(Runnable::run, problem -> ready.countDown());
        assertThat(ready.await(60, TimeUnit.SECONDS)).isTrue();
        return HttpTestServer.startTls(
                channel -> tls.newHandler(channel.alloc()), request -> Response.ok(request.version()));
    }

    private static TlsContext context(@Nullable String peer, String... alpn) {
        var names = peer == null
                ? null
                : new Secret.Validation(
                        null,
                        false,
                        null,
                        List.of(new SubjectAltNameMatcher(
                                SubjectAltNameMatcher.Type.URI, new StringMatcher.Exact(peer, false), "")),
                        List.of(),
                        List.of(),
                        null,
                        false,
                        false,
                        false,
                        -1);
        return new TlsContext(
                TlsContext.Parameters.DEFAULT,
                List.of(new CertificateSource.Sds(SecretName.ofControlPlane("own"))),
                names,
                SecretName.ofControlPlane("roots"),
                List.of(alpn));
    }

    private static TransportSocket.Tls socket(@Nullable String peer, String... alpn) {
        return new TransportSocket.Tls(new UpstreamTls(context(peer, alpn), "", false, false, 1));
    }

    @ParameterizedTest(name = "{0}, offers {1}, server has {2} -> {3}")
    @CsvSource(
            value = {
                "HTTP_1, istio-http/1.1;istio;http/1.1, h2;http/1.1, HTTP/1.1",
                "HTTP_1, istio-peer-exchange;istio,     h2;http/1.1, HTTP/1.1",
                "HTTP_2, istio-h2;istio;h2,             h2;http/1.1, HTTP/2",
                "HTTP_2, kuma,                          '',          HTTP/2",
                "HTTP_2, '',                            h2,          HTTP/2",
                "ALPN,   '',                            h2;http/1.1, HTTP/2",
                "ALPN,   '',                            http/1.1,    HTTP/1.1",
                "ALPN,   h2;http/1.1,                   '',          HTTP/1.1",
                "AS_CALLER, istio,                      h2;http/1.1, HTTP/1.1"
            })
    void version_isTheClustersUnlessAlpnIsToDecide(HttpVersion version, String offered, String served, String spoken)
            throws Exception {
        try (HttpTestServer server = server(split(served))) {
            Upstreams upstreams = Upstreams.of(server.port(), version)
                    .with(socket("spiffe://mesh/ns/shop/sa/orders", split(offered)));

            Call call = Call.get(transport(), upstreams.target()).await();

            assertThat(call.text()).isEqualTo(spoken);
        }
    }

    private static String[] split(String list) {
        return list.isEmpty() ? new String[0] : list.split(";");
    }

    /** What the request asks for comes before what the cluster says, and may be more than the cluster would select with. */
    @ParameterizedTest(name = "{0}, cluster offers {1}, request {2} -> {3}")
    @CsvSource({
        "HTTP_1, istio-peer-exchange;istio, istio-http/1.1;istio;http/1.1, http/1.1",
        "HTTP_2, istio-peer-exchange;istio, istio-h2;istio;h2,             h2",
        "HTTP_1, istio-peer-exchange;istio, '',                            ''",
        "HTTP_1, '',                        istio;h2,                      h2"
    })
    void alpn_ofTheRequest_isOffered(HttpVersion version, String ofCluster, String ofRequest, String selected)
            throws Exception {
        try (HttpTestServer server = server("h2", "http/1.1")) {
            Upstreams upstreams = Upstreams.of(server.port(), version).with(socket(null, split(ofCluster)));
            RequestTls asked = new RequestTls(null, List.of(), List.of(split(ofRequest)));

            Call call = Call.get(
                            transport(),
                            upstreams.target(upstreams.cluster().hosts().get(0), asked))
                    .await();

            boolean fits = !(version == HttpVersion.HTTP_1 && selected.equals("h2"));
            if (fits) {
                assertThat(call.text()).isEqualTo(version == HttpVersion.HTTP_1 ? "HTTP/1.1" : "HTTP/2");
            } else {
                assertThat(call.awaitReset().detail()).isEqualTo("HTTP/1.1 is configured, and ALPN selected h2");
            }
        }
    }

    @Test
    void connections_withOtherProtocols_areNotShared() throws Exception {
        try (HttpTestServer server = server("h2", "http/1.1")) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(socket(null));
            NettyTransport transport = transport();

            for (List<String> alpn : List.of(List.of("istio", "http/1.1"), List.of("http/1.1"), List.of("http/1.1"))) {
                Call call = Call.get(
                                transport,
                                upstreams.target(
                                        upstreams.cluster().hosts().get(0), new RequestTls(null, List.of(), alpn)))
                        .await();
                assertThat(call.text()).isEqualTo("HTTP/1.1");
            }

            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void connections_inTheClear_areSharedWhateverTlsTheRequestAsksFor() throws Exception {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok(request.version()))) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_1);
            NettyTransport transport = transport();

            for (List<String> alpn : List.of(List.of("istio-http/1.1"), List.of("istio-h2"), List.<String>of())) {
                Call call = Call.get(
                                transport,
                                upstreams.target(
                                        upstreams.cluster().hosts().get(0), new RequestTls(null, List.of(), alpn)))
                        .await();
                assertThat(call.text()).isEqualTo("HTTP/1.1");
            }

            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void version_alpnSelectsTheOtherOne_failsTheConnection() throws Exception {
        try (HttpTestServer server = server("h2")) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(socket(null, "h2", "http/1.1"));

            Call call = Call.get(transport(), upstreams.target()).await();

            assertThat(call.awaitReset().reason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
            assertThat(call.awaitReset().detail()).isEqualTo("HTTP/1.1 is configured, and ALPN selected h2");
        }
    }

    @Test
    void peer_ofAnotherIdentity_isRefused() throws Exception {
        try (HttpTestServer server = server()) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(socket("spiffe://mesh/ns/shop/sa/payments"));

            Call call = Call.get(transport(), upstreams.target()).await();

            assertThat(call.awaitReset().reason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
            assertThat(call.awaitReset().detail()).contains("no name of the certificate is an accepted one");
        }
    }

    @Test
    void secrets_comeLater_callWaitsAndGoesOn() throws Exception {
        try (HttpTestServer server = server()) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(socket(null));
            Call call = Call.get(transport(TlsOptions.DEFAULT, Duration.ofSeconds(10)), upstreams.target());
            clientSecrets.set("own", TestSecrets.certificate(WEB));
            assertThat(server.connections()).isZero();

            clientSecrets.set("roots", TestSecrets.trust(ROOT));

            assertThat(call.await().text()).isEqualTo("HTTP/1.1");
        }
    }

    @Test
    void secrets_neverCome_callFailsInTimeAndNothingIsDialled() throws Exception {
        try (HttpTestServer server = server()) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(socket(null));

            Call call = Call.get(transport(TlsOptions.DEFAULT, Duration.ofMillis(50)), upstreams.target())
                    .await();

            assertThat(call.awaitReset().reason()).isEqualTo(ResetReason.CONNECTION_FAILURE);
            assertThat(call.awaitReset().detail()).contains("no secrets for TLS within 50 ms", "secret own");
            assertThat(server.connections()).isZero();
        }
    }

    @Test
    void socket_unusable_failsWithTheReasonAndNothingIsDialled() throws Exception {
        try (HttpTestServer server = HttpTestServer.start(request -> Response.ok("in the clear"))) {
            Upstreams upstreams = Upstreams.of(server.port(), HttpVersion.HTTP_1)
                    .with(new TransportSocket.Unusable("tap sockets are not supported"));

            Call call = Call.get(transport(), upstreams.target()).await();

            assertThat(call.awaitReset().detail()).isEqualTo("cluster c: tap sockets are not supported");
            assertThat(server.connections()).isZero();
        }
    }

    @Test
    void match_byEndpointMetadata_mixesTlsAndPlaintextInOneCluster() throws Exception {
        try (HttpTestServer meshed = server();
                HttpTestServer plain = HttpTestServer.start(request -> Response.ok("in the clear"))) {
            Upstreams upstreams = Upstreams.of(meshed.port(), HttpVersion.HTTP_1)
                    .with(
                            new TransportSocket.Unusable("each endpoint matches"),
                            new TransportSocket.Match("tlsMode-istio", Map.of("tlsMode", "istio"), socket(null)),
                            new TransportSocket.Match("tlsMode-disabled", Map.of(), new TransportSocket.Plaintext()))
                    .with(
                            new Endpoint(
                                    "127.0.0.1",
                                    meshed.port(),
                                    1,
                                    Endpoint.Health.HEALTHY,
                                    null,
                                    Map.of("envoy.transport_socket_match", Map.of("tlsMode", "istio"))),
                            Endpoint.of("127.0.0.1", plain.port()));
            NettyTransport transport = transport();

            for (var host : upstreams.cluster().hosts()) {
                Call call = Call.get(transport, upstreams.target(host, null)).await();
                assertThat(call.text()).isEqualTo(host.port() == meshed.port() ? "HTTP/1.1" : "in the clear");
            }
        }
    }

    @Test
    void connections_withOtherNames_areNotShared() throws Exception {
        try (HttpTestServer server = server()) {
            Upstreams upstreams =
                    Upstreams.of(server.port(), HttpVersion.HTTP_1).with(socket(null));
            NettyTransport transport = transport();
            var host = upstreams.cluster().hosts().get(0);

            for (String name : List.of("a.example", "b.example", "a.example")) {
                Call call = Call.get(transport, upstreams.target(host, new RequestTls(name, List.of())))
                        .await();
                assertThat(call.text()).isEqualTo("HTTP/1.1");
            }

            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1, HTTP/1.1", "HTTP_2, HTTP/2"})
    void rotation_newConnectionsAtOnce_oldOnesGiveWayAfterTheDrainPeriod(HttpVersion version, String spoken)
            throws Exception {
        try (HttpTestServer server = server()) {
            Upstreams upstreams = Upstreams.of(server.port(), version).with(socket(null));
            clientSecrets.set("own", TestSecrets.certificate(WEB)).set("roots", TestSecrets.trust(ROOT));
            NettyTransport transport =
                    transport(TlsOptions.DEFAULT.withDrainPeriod(Duration.ZERO), Duration.ofSeconds(10));
            Call.get(transport, upstreams.target()).await();
            Call.get(transport, upstreams.target()).await();
            assertThat(server.connections()).isEqualTo(1);

            long before = requireTls().client(socket(null).settings()).generation();
            clientSecrets.set(
                    "own", TestSecrets.certificate(TestSecrets.identity(ROOT, "spiffe://mesh/ns/shop/sa/web")));
            await().until(() -> requireTls().client(socket(null).settings()).generation() > before);

            for (int i = 0; i < 3; i++) {
                assertThat(Call.get(transport, upstreams.target()).await().text())
                        .isEqualTo(spoken);
            }
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    private MeshTls requireTls() {
        return requireNonNull(clientTls);
    }
}
