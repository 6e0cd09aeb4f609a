package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettySslContextServerCredentials;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.OwnTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.identity.SuppliedIdentity;
import io.inmesh.model.SecretName;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.testing.Resources;
import io.inmesh.xds.testing.ScriptedAdsServer;
import io.inmesh.xds.testing.ScriptedStream;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.LazyX509Certificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trust in the control plane itself, over real connections: whom the client believes, and what it shows. */
class ProtectedSessionTest {
    private final X509Bundle root = root("root");
    private final X509Bundle server = issued(root, "localhost");
    private final Path folder;
    private final Path ca;

    ProtectedSessionTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.ca = Files.writeString(folder.resolve("ca.pem"), root.getCertificatePEM());
    }

    @Test
    void rootsInAFile_serverOfThatName_isBelieved() {
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, credentials(server))) {
            assertConnects(ads, to(ads).trust(ca));
        }
    }

    @Test
    void rootsInAFile_serverOfAnother_isRefused() throws IOException {
        Path other =
                Files.writeString(folder.resolve("other.pem"), root("other").getCertificatePEM());
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, credentials(server))) {
            assertRefuses(ads, to(ads).trust(other));
        }
    }

    @Test
    void systemRoots_serverOfAPrivateRoot_isRefused() {
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, credentials(server))) {
            assertRefuses(ads, to(ads).trustSystemRoots());
        }
    }

    @Test
    void serverName_notInTheCertificate_isRefusedAndInItIsBelieved() {
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, credentials(issued(root, "istiod.istio-system.svc")))) {
            assertRefuses(ads, to(ads).trust(ca));
            assertConnects(ads, to(ads).trust(ca).serverName("istiod.istio-system.svc"));
        }
    }

    @Test
    void pins_ofKeyAndCertificate_areBelievedWithoutRootsAndOthersRefused() throws Exception {
        byte[] der = server.getCertificate().getEncoded();
        byte[] key = server.getCertificate().getPublicKey().getEncoded();
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, credentials(server))) {
            assertConnects(ads, to(ads).pinPublicKey(Base64.getEncoder().encodeToString(sha256(key))));
            assertConnects(
                    ads,
                    to(ads).pinCertificate(
                                    HexFormat.ofDelimiter(":").withUpperCase().formatHex(sha256(der))));
            assertRefuses(ads, to(ads).pinPublicKey(Base64.getEncoder().encodeToString(sha256(der))));
            assertRefuses(ads, to(ads).pinCertificate(HexFormat.of().formatHex(sha256(key))));
        }
    }

    @Test
    void pin_ofACertificateWithoutIssuer_isBelieved() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        // Newer JDKs would take P-384, which a client with Envoy's curves does not.
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        byte[] der = withoutNames(keys);
        ServerCredentials nameless = NettySslContextServerCredentials.create(GrpcSslContexts.configure(
                        SslContextBuilder.forServer(new OneKey(keys.getPrivate(), new LazyX509Certificate(der))),
                        SslProvider.OPENSSL)
                .build());
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, nameless)) {
            assertConnects(ads, to(ads).pinCertificate(HexFormat.of().formatHex(sha256(der))));
            assertConnects(
                    ads,
                    to(ads).pinPublicKey(Base64.getEncoder()
                            .encodeToString(sha256(keys.getPublic().getEncoded()))));
            assertRefuses(ads, to(ads).pinCertificate(HexFormat.of().formatHex(new byte[32])));
        }
    }

    @Test
    void clientCertificate_inFiles_isShownAndWithoutItTheServerRefuses() throws IOException {
        X509Bundle client = issued(root, "web");
        Path chain = Files.writeString(folder.resolve("tls.crt"), client.getCertificatePathPEM());
        Path key = Files.writeString(folder.resolve("tls.key"), client.getPrivateKeyPEM());
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, mutual(server))) {
            assertRefuses(ads, to(ads).trust(ca));
            assertConnects(ads, to(ads).trust(ca).certificate(chain, key));
        }
    }

    @Test
    void clientCertificate_ofASecretProvider_isAwaitedAndThenShown() {
        SecretName name = new SecretName("cluster:sds-grpc", "default");
        X509Bundle client = issued(root, "web");
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, mutual(server));
                SuppliedIdentity identity = new SuppliedIdentity()) {
            UpstreamTls settings = to(ads).trust(ca).certificate(name).settings();
            AdsSettings impatient = new AdsSettings(
                    LiveSession.QUICK.resourceTimeout(),
                    java.time.Duration.ofMillis(500),
                    LiveSession.QUICK.backoffBase(),
                    LiveSession.QUICK.backoffMax(),
                    LiveSession.QUICK.keepAlive(),
                    LiveSession.QUICK.keepAliveTimeout());
            try (OwnTls tls = new OwnTls(List.of(settings), SecretProvider.firstOf(List.of(identity)));
                    LiveSession live = new LiveSession(impatient, tls, server(ads, settings))) {
                live.wants(session -> session.wildcard(CLUSTER));
                await().untilAsserted(() -> assertThat(live.error())
                        .contains("secret default of cluster:sds-grpc", "has not published an identity yet"));
                assertThat(ads.streamsOpened()).isZero();
                identity.publish(client.getCertificatePathPEM(), client.getPrivateKeyPEM(), root.getCertificatePEM());
                ads.awaitStream();
            }
        }
    }

    @Test
    void token_inAFile_isSentOverTlsAndReadAnewForEachStream() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "first\n");
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, credentials(server))) {
            UpstreamTls settings = to(ads).trust(ca).settings();
            XdsServer bearer = server(ads, settings).withToken(TokenFile.bearer(token));
            try (OwnTls tls = new OwnTls(List.of(settings));
                    LiveSession live = new LiveSession(LiveSession.QUICK, tls, bearer)) {
                live.wants(session -> session.wildcard(CLUSTER));
                ScriptedStream stream = ads.awaitStream();
                assertThat(ads.lastMetadata("authorization")).isEqualTo("Bearer first");
                Files.writeString(token, "second\n");
                stream.complete();
                ads.awaitStream();
                assertThat(ads.lastMetadata("authorization")).isEqualTo("Bearer second");
            }
        }
    }

    @Test
    void token_thatCannotBeRead_opensNoStreamAndNamesTheFile() {
        try (ScriptedAdsServer ads = ScriptedAdsServer.start()) {
            XdsServer raw = XdsServer.plaintext(ads.target()).withToken(TokenFile.raw(folder.resolve("none")));
            try (LiveSession live = new LiveSession(LiveSession.QUICK, raw)) {
                live.wants(session -> session.wildcard(CLUSTER));
                await().untilAsserted(() -> assertThat(live.error()).contains("there is no token file", "none"));
                assertThat(ads.streamsOpened()).isZero();
            }
        }
    }

    @Test
    void roots_exchangedTogetherWithTheServers_theNextStreamBelievesTheNewOne() throws IOException {
        int port;
        UpstreamTls settings;
        X509Bundle nextRoot = root("next");
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, credentials(server))) {
            port = ads.port();
            settings = to(ads).trust(ca).settings();
        }
        try (OwnTls tls = new OwnTls(List.of(settings));
                LiveSession live = new LiveSession(LiveSession.QUICK, tls, tls("localhost:" + port, settings))) {
            live.wants(session -> session.wildcard(CLUSTER));
            try (ScriptedAdsServer ads = ScriptedAdsServer.start(port, credentials(server))) {
                ads.awaitStream();
            }
            Path next = Files.writeString(folder.resolve("next.pem"), nextRoot.getCertificatePEM());
            Files.move(next, ca, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
            try (ScriptedAdsServer ads = ScriptedAdsServer.start(port, credentials(issued(nextRoot, "localhost")))) {
                ScriptedStream stream = ads.awaitStream();
                stream.respond(CLUSTER, "1", Resources.cluster("a"));
                await().until(() -> live.connection().connected());
            }
        }
    }

    private void assertConnects(ScriptedAdsServer ads, ControlPlaneTls trust) {
        UpstreamTls settings = trust.settings();
        try (OwnTls tls = new OwnTls(List.of(settings));
                LiveSession live = new LiveSession(LiveSession.QUICK, tls, server(ads, settings))) {
            live.wants(session -> session.wildcard(CLUSTER));
            ads.awaitStream().respond(CLUSTER, "1", Resources.cluster("a"));
            await().until(() -> live.connection().connected());
        }
    }

    private void assertRefuses(ScriptedAdsServer ads, ControlPlaneTls trust) {
        int before = ads.streamsOpened();
        UpstreamTls settings = trust.settings();
        try (OwnTls tls = new OwnTls(List.of(settings));
                LiveSession live = new LiveSession(LiveSession.QUICK, tls, server(ads, settings))) {
            live.wants(session -> session.wildcard(CLUSTER));
            await().untilAsserted(() -> assertThat(live.error()).contains("localhost:" + ads.port(), "UNAVAILABLE"));
            assertThat(ads.streamsOpened()).isEqualTo(before);
        }
    }

    private static ControlPlaneTls to(ScriptedAdsServer ads) {
        return ControlPlaneTls.to("localhost:" + ads.port());
    }

    private static XdsServer server(ScriptedAdsServer ads, UpstreamTls settings) {
        return tls("localhost:" + ads.port(), settings);
    }

    private static XdsServer tls(String target, UpstreamTls settings) {
        return new XdsServer(target, new Security.Tls(settings), XdsTransport.INCREMENTAL, Map.of());
    }

    private static ServerCredentials credentials(X509Bundle bundle) {
        try {
            return TlsServerCredentials.create(
                    stream(bundle.getCertificatePathPEM()), stream(bundle.getPrivateKeyPEM()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private ServerCredentials mutual(X509Bundle bundle) {
        try {
            return TlsServerCredentials.newBuilder()
                    .keyManager(stream(bundle.getCertificatePathPEM()), stream(bundle.getPrivateKeyPEM()))
                    .trustManager(stream(root.getCertificatePEM()))
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static X509Bundle root(String name) {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Bundle issued(X509Bundle issuer, String host) {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=" + host)
                    .addSanDnsName(host)
                    .addSanUriName(URI.create("spiffe://mesh/" + host))
                    .buildIssuedBy(issuer);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** As kuma-cp makes its own: neither issuer nor subject. The JDK refuses to parse it. */
    private static byte[] withoutNames(KeyPair keys) throws Exception {
        X500Name nobody = new X500Name("");
        Instant now = Instant.now();
        return new X509v3CertificateBuilder(
                        nobody,
                        BigInteger.ONE,
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(3_600)),
                        nobody,
                        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
    }

    private static byte[] sha256(byte[] bytes) throws java.security.NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    /** A key manager that looks into no certificate. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate certificate;

        OneKey(PrivateKey key, X509Certificate certificate) {
            this.key = key;
            this.certificate = certificate;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return chooseServerAlias(type, issuers, null);
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, @Nullable Socket socket) {
            return type.equals(key.getAlgorithm()) || type.startsWith("EC_") ? "own" : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {certificate};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
