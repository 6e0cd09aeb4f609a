package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.identity.SuppliedIdentity;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.TlsContext;
import io.inmesh.model.UpstreamTls;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import io.inmesh.xds.testing.Resources;
import io.inmesh.xds.testing.ScriptedAdsServer;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source whose control plane is behind TLS, from its description to its first answer. */
class ProtectedSourceTest {
    private final X509Bundle root = new CertificateBuilder()
            .ecp256()
            .subject("CN=root")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    private final X509Bundle server = issued("localhost");

    ProtectedSourceTest() throws Exception {}

    @AfterEach
    void forget() {
        System.clearProperty(ControlPlaneTls.SKIP_VERIFY);
    }

    @Test
    void source_mutualTlsWithASecretProvider_connects(@TempDir Path folder) throws Exception {
        Path ca = Files.writeString(folder.resolve("ca.pem"), root.getCertificatePEM());
        X509Bundle web = issued("web");
        ServerCredentials mutual = TlsServerCredentials.newBuilder()
                .keyManager(stream(server.getCertificatePathPEM()), stream(server.getPrivateKeyPEM()))
                .trustManager(stream(root.getCertificatePEM()))
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                .build();
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(0, mutual);
                SuppliedIdentity identity = new SuppliedIdentity()) {
            identity.publish(web.getCertificatePathPEM(), web.getPrivateKeyPEM(), root.getCertificatePEM());
            ControlPlaneTls tls = ControlPlaneTls.to(target(ads))
                    .trust(ca)
                    .certificate(new SecretName("cluster:sds-grpc", "default"));
            assertConnects(
                    ads,
                    XdsSource.builder().server(XdsServer.tls(target(ads), tls)).secrets(identity));
        }
    }

    @Test
    void source_nothingTrusted_isNotBuiltUnlessThePropertySaysSo() throws Exception {
        try (ScriptedAdsServer ads = ScriptedAdsServer.start(
                0,
                TlsServerCredentials.create(
                        stream(server.getCertificatePathPEM()), stream(server.getPrivateKeyPEM())))) {
            XdsSourceBuilder builder = XdsSource.builder()
                    .server(new XdsServer(
                            target(ads), new Security.Tls(trustingNothing()), XdsTransport.INCREMENTAL, Map.of()));
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The TLS to " + target(ads) + " trusts nothing");
            assertThat(ads.streamsOpened()).isZero();
            System.setProperty(ControlPlaneTls.SKIP_VERIFY, "true");
            assertConnects(ads, builder);
        }
    }

    private static void assertConnects(ScriptedAdsServer ads, XdsSourceBuilder builder) {
        try (XdsSource source = builder.build()) {
            source.start(snapshot -> {});
            ads.awaitStream().respond(ResourceKind.CLUSTER, "1", Resources.cluster("a"));
            await().until(() -> source.status().connected());
        }
    }

    private static UpstreamTls trustingNothing() {
        TlsContext context =
                new TlsContext(TlsContext.Parameters.DEFAULT, List.of(), Secret.Validation.NONE, null, List.of());
        return new UpstreamTls(context, "localhost", false, false, 1);
    }

    private static String target(ScriptedAdsServer ads) {
        return "localhost:" + ads.port();
    }

    private X509Bundle issued(String host) throws Exception {
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=" + host)
                .addSanDnsName(host)
                .buildIssuedBy(root);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
