package io.inmesh.transport;

import static io.inmesh.transport.Settings.certificate;
import static io.inmesh.transport.Settings.client;
import static io.inmesh.transport.Settings.common;
import static io.inmesh.transport.Settings.exact;
import static io.inmesh.transport.Settings.prefix;
import static io.inmesh.transport.Settings.sds;
import static io.inmesh.transport.Settings.server;
import static io.inmesh.transport.Settings.trust;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.Secret;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.UpstreamTls;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCounted;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MeshTlsTest {
    private final Sockets sockets = new Sockets();
    private final GivenSecrets secrets = new GivenSecrets();

    private SharedTls tls(TlsProvider provider) {
        return new SharedTls(secrets, TlsOptions.DEFAULT, provider, Clock.systemUTC(), name -> null);
    }

    static X509Bundle root(String name) throws Exception {
        return new CertificateBuilder()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    static X509Bundle workload(X509Bundle root, String uri) throws Exception {
        return new CertificateBuilder()
                .subject("O=Inmesh, CN=workload")
                .addSanUriName(uri)
                .buildIssuedBy(root);
    }

    @AfterEach
    void close() {
        sockets.close();
    }

    @ParameterizedTest
    @EnumSource
    void handshake_mutual_givesFactsOfThePeer(TlsProvider provider) throws Exception {
        X509Bundle root = root("root");
        X509Bundle caller = workload(root, "spiffe://cluster.local/ns/a/sa/caller");
        X509Bundle callee = workload(root, "spiffe://cluster.local/ns/a/sa/callee");
        try (SharedTls tls = tls(provider)) {
            ServerTls server = tls.server(server(
                    common(
                            callee,
                            trust(root, prefix(SubjectAltNameMatcher.Type.URI, "spiffe://cluster.local/")),
                            "h2",
                            "http/1.1"),
                    true));
            ClientTls client = tls.client(client(common(
                    caller,
                    trust(root, exact(SubjectAltNameMatcher.Type.URI, "spiffe://cluster.local/ns/a/sa/callee")),
                    "istio-peer-exchange",
                    "h2")));
            try (Sockets.Server listener = sockets.serve(server)) {
                Sockets.Outcome outcome = sockets.connect(client, listener, "orders.example.com", null, List.of());

                assertThat(outcome.clientFailure()).isNull();
                assertThat(outcome.clientProtocol()).isEqualTo("h2");
                DownstreamConnection.Tls facts = outcome.facts();
                assertThat(facts.protocol()).isEqualTo("h2");
                assertThat(facts.serverName()).isEqualTo("orders.example.com");
                assertThat(facts.localUris()).containsExactly("spiffe://cluster.local/ns/a/sa/callee");
                PeerCertificate peer = Objects.requireNonNull(facts.peer());
                assertThat(peer.uris()).containsExactly("spiffe://cluster.local/ns/a/sa/caller");
                assertThat(peer.subject()).isEqualTo("O=Inmesh,CN=workload");
                assertThat(peer.issuer()).isEqualTo("CN=root");
                assertThat(peer.validated()).isTrue();
                assertThat(peer.pem()).startsWith("-----BEGIN CERTIFICATE-----\n");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void handshake_serverOfAnotherIdentity_isRefused(TlsProvider provider) throws Exception {
        X509Bundle root = root("root");
        try (SharedTls tls = tls(provider);
                Sockets.Server listener = sockets.serve(
                        tls.server(server(common(workload(root, "spiffe://cluster.local/x"), null), false)))) {
            ClientTls client = tls.client(client(
                    common(null, trust(root, exact(SubjectAltNameMatcher.Type.URI, "spiffe://cluster.local/y")))));

            assertThat(sockets.connect(client, listener).worked()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void handshake_clientWithoutCertificateWhereOneIsRequired_isRefused(TlsProvider provider) throws Exception {
        X509Bundle root = root("root");
        try (SharedTls tls = tls(provider);
                Sockets.Server listener = sockets.serve(
                        tls.server(server(common(workload(root, "spiffe://cluster.local/x"), trust(root)), true)))) {
            ClientTls client = tls.client(client(common(null, trust(root))));

            assertThat(sockets.connect(client, listener).worked()).isFalse();
        }
    }

    /** Whoever signs for itself may call itself anything: without roots to verify it by, a certificate that is required proves nothing. */
    @ParameterizedTest
    @EnumSource
    void handshake_certificateRequiredAndNothingToVerifyItBy_isRefused(TlsProvider provider) throws Exception {
        X509Bundle admin = workload(root("self made"), "spiffe://cluster.local/ns/bank/sa/admin");
        try (SharedTls tls = tls(provider);
                Sockets.Server listener = sockets.serve(tls.server(server(common(root("callee"), null), true)))) {
            assertThat(sockets.connect(tls.client(client(common(admin, null))), listener)
                            .worked())
                    .isFalse();
            assertThat(sockets.connect(tls.client(client(common(null, null))), listener)
                            .worked())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void secrets_rootsReplacedByNothing_keepTheLastOnesInForce(TlsProvider provider) throws Exception {
        X509Bundle root = root("root");
        X509Bundle admin = workload(root("self made"), "spiffe://cluster.local/ns/bank/sa/admin");
        secrets.set("own", certificate(workload(root, "spiffe://cluster.local/x")));
        secrets.set("peers", trust(root));
        try (SharedTls tls = tls(provider)) {
            ServerTls server = tls.server(server(sds("own", "peers"), true));
            ClientTls known = tls.client(client(common(workload(root, "spiffe://cluster.local/y"), null)));
            try (Sockets.Server listener = sockets.serve(server)) {
                secrets.set("peers", Secret.Validation.NONE);
                await().until(() -> server.problem() != null);

                assertThat(server.problem()).contains("nothing to verify one by");
                assertThat(sockets.connect(tls.client(client(common(admin, null))), listener)
                                .worked())
                        .isFalse();
                assertThat(sockets.connect(known, listener).clientFailure()).isNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void secrets_takenAway_stayInForceUntilTheCertificateHasEnded(TlsProvider provider) throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return Objects.requireNonNull(now.get());
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        X509Bundle root = root("root");
        X509Bundle callee = workload(root, "spiffe://cluster.local/x");
        secrets.set("own", certificate(callee));
        secrets.set("peers", trust(root));
        try (SharedTls tls = new SharedTls(secrets, TlsOptions.DEFAULT, provider, clock, name -> null)) {
            ServerTls server = tls.server(server(sds("own", "peers"), false));
            assertThat(Sockets.ready(server::whenReady)).isNull();

            secrets.take("own");
            await().until(() -> server.problem() != null);
            assertThat(server.awaited()).as("a good certificate is kept").isNull();

            now.set(callee.getCertificate().getNotAfter().toInstant().plusSeconds(1));
            secrets.take("own");
            await().until(() -> server.awaited() != null);
            assertThat(server.awaited()).contains("taken away");

            now.set(Instant.now());
            secrets.set("own", certificate(callee));
            assertThat(Sockets.ready(server::whenReady)).isNull();
        }
    }

    /** The names of a certificate that nobody vouches for are seen by whoever looks into the connection, not by policies. */
    @ParameterizedTest
    @EnumSource
    void facts_ofAPeerThatIsAcceptedUntrusted_areNotVerified(TlsProvider provider) throws Exception {
        X509Bundle admin = workload(root("self made"), "spiffe://cluster.local/ns/bank/sa/admin");
        Secret.Validation untrusted =
                new Secret.Validation(null, false, null, List.of(), List.of(), List.of(), null, false, false, true, -1);
        try (SharedTls tls = tls(provider);
                Sockets.Server listener = sockets.serve(tls.server(server(common(root("callee"), untrusted), true)))) {
            Sockets.Outcome outcome = sockets.connect(
                    tls.client(client(common(admin, null))), listener, "Admin.Example.COM", null, List.of());

            assertThat(outcome.clientFailure()).isNull();
            assertThat(Objects.requireNonNull(outcome.facts().peer()).uris())
                    .containsExactly("spiffe://cluster.local/ns/bank/sa/admin");
            assertThat(outcome.facts().verifiedPeer()).isNull();
            assertThat(outcome.facts().serverName()).isEqualTo("admin.example.com");
        }
    }

    @ParameterizedTest
    @EnumSource
    void secrets_rotated_areInForceForNewConnectionsAndCountAGeneration(TlsProvider provider) throws Exception {
        X509Bundle oldRoot = root("old");
        X509Bundle newRoot = root("new");
        try (SharedTls tls = tls(provider)) {
            ServerTls server = tls.server(server(sds("own", "peers"), true));
            ClientTls client = tls.client(client(sds("own", "peers")));
            assertThat(server.awaited()).isNotNull();
            secrets.set("own", certificate(workload(oldRoot, "spiffe://cluster.local/x")));
            secrets.set("peers", trust(oldRoot));
            try (Sockets.Server listener = sockets.serve(server)) {
                assertThat(sockets.connect(client, listener).clientFailure()).isNull();
                assertThat(server.generation()).isEqualTo(1);

                secrets.set("own", certificate(workload(newRoot, "spiffe://cluster.local/x")));
                await().until(() -> server.generation() == 2 && client.generation() == 2);
                assertThat(sockets.connect(client, listener).worked())
                        .as("nobody trusts the new root yet")
                        .isFalse();

                secrets.set("peers", trust(newRoot));
                await().until(() -> server.generation() == 3 && client.generation() == 3);
                assertThat(sockets.connect(client, listener).clientFailure()).isNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void handshake_serverNameRequired_isRefusedWithoutOne(TlsProvider provider) throws Exception {
        X509Bundle root = root("root");
        DownstreamTls settings = new DownstreamTls(
                common(workload(root, "spiffe://a/b"), null), false, true, null, null, true, true, null, false);
        try (SharedTls tls = tls(provider);
                Sockets.Server listener = sockets.serve(tls.server(settings))) {
            ClientTls client = tls.client(client(common(null, trust(root))));

            assertThat(sockets.connect(client, listener, "a.example.com", null, List.of())
                            .clientFailure())
                    .isNull();
            assertThat(sockets.connect(client, listener).worked()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void handshake_namesOfTheConnection_mustBeInTheCertificate(TlsProvider provider) throws Exception {
        X509Bundle root = root("root");
        X509Bundle callee = new CertificateBuilder()
                .subject("CN=callee")
                .addSanDnsName("a.example.com")
                .buildIssuedBy(root);
        try (SharedTls tls = tls(provider);
                Sockets.Server listener = sockets.serve(tls.server(server(common(callee, null), false)))) {
            ClientTls plain = tls.client(client(common(null, trust(root))));
            assertThat(sockets.connect(plain, listener, "x", null, List.of("b.example.com", "a.example.com"))
                            .clientFailure())
                    .isNull();
            assertThat(sockets.connect(plain, listener, "x", null, List.of("b.example.com"))
                            .worked())
                    .isFalse();
            UpstreamTls bySni = new UpstreamTls(common(null, trust(root)), "", false, true, 1);
            assertThat(sockets.connect(tls.client(bySni), listener, "a.example.com", null, List.of())
                            .clientFailure())
                    .isNull();
            assertThat(sockets.connect(tls.client(bySni), listener, "b.example.com", null, List.of())
                            .worked())
                    .isFalse();
        }
    }

    @Test
    void handshake_rsaKeyThatMustNotSign_isRefusedWhateverTheSettingsSay() throws Exception {
        X509Bundle root = root("root");
        X509Bundle callee = new CertificateBuilder()
                .subject("CN=callee")
                .rsa2048()
                .setKeyUsage(true, CertificateBuilder.KeyUsage.keyEncipherment)
                .buildIssuedBy(root);
        try (SharedTls tls = tls(TlsProvider.NATIVE);
                Sockets.Server listener = sockets.serve(tls.server(server(common(callee, null), false)))) {
            UpstreamTls settings = new UpstreamTls(common(null, trust(root)), "", false, false, 1);

            assertThat(sockets.connect(tls.client(settings), listener).worked()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void engine_ofAServerThatIsNotNettys_isGivenBack(TlsProvider provider) throws Exception {
        try (SharedTls tls = tls(provider)) {
            ServerTls server = tls.server(server(common(root("root"), null), false));
            assertThat(Sockets.ready(server::whenReady)).isNull();
            SSLEngine engine = server.newEngine();

            assertThat(engine.getUseClientMode()).isFalse();
            server.release(engine);
            server.release(engine);
            if (engine instanceof ReferenceCounted counted) {
                assertThat(counted.refCnt()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void handshake_alpnWithoutOverlap_goesOnWithoutAProtocol(TlsProvider provider) throws Exception {
        X509Bundle root = root("root");
        try (SharedTls tls = tls(provider);
                Sockets.Server listener = sockets.serve(
                        tls.server(server(common(workload(root, "spiffe://a/b"), null, "h2", "http/1.1"), false)))) {
            ClientTls client = tls.client(client(common(null, trust(root), "kuma")));

            assertThat(sockets.connect(client, listener).clientFailure()).isNull();
            assertThat(sockets.connect(client, listener).facts().protocol()).isEmpty();
            assertThat(sockets.connect(client, listener, "", List.of("istio-h2", "istio", "h2"), List.of())
                            .clientProtocol())
                    .isEqualTo("h2");
        }
    }
}
