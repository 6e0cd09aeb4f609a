package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.grpc.OwnTls;
import io.inmesh.xds.testing.ManualLoop;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks for keys in everything that sources of identity log and say of themselves, when all goes well and when it does not. */
class KeysStaySecretTest {
    private static final int WINDOW = 16;

    private final PrintStream before = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final StringBuilder said = new StringBuilder();
    private final X509Bundle root = TestIdentity.root("root");
    private final X509Bundle web = TestIdentity.workload(root);
    private final X509Bundle rsa = TestIdentity.workload(root, Algorithm.rsa2048);
    private final States states = new States();
    private final Path folder;

    KeysStaySecretTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setErr(before);
    }

    @Test
    void files_goodBrokenAndMixed_showNoKey() throws IOException {
        Path chain = Files.writeString(folder.resolve("tls.crt"), web.getCertificatePathPEM());
        Path key = Files.writeString(folder.resolve("tls.key"), web.getPrivateKeyPEM());
        Path ca = Files.writeString(folder.resolve("ca.crt"), root.getCertificatePEM());
        FileIdentity.Builder builder = FileIdentity.of(chain, key, ca);
        try (FileIdentity identity = builder.build()) {
            identity.watch(States.CERTIFICATE, states);
            await().until(states::isReady);
            Files.writeString(key, rsa.getPrivateKeyPEM());
            await().until(() -> logged().contains("does not belong"));
            Files.writeString(key, rsa.getPrivateKeyPEM().substring(0, 400));
            await().until(() -> logged().contains("does not end"));
            Files.writeString(key, new StringBuilder(rsa.getPrivateKeyPEM()).insert(200, '!'));
            await().until(() -> logged().contains("is not Base64"));
            said.append(identity).append(states.all());
        }
        assertSecret(web.getPrivateKeyPEM());
        assertSecret(rsa.getPrivateKeyPEM());
    }

    @Test
    void supplied_refused_showsNoKey() {
        SuppliedIdentity identity = new SuppliedIdentity(IdentityNames.WORKLOAD, new ManualLoop(), () -> {});
        identity.publish(web.getCertificatePathPEM(), web.getPrivateKeyPEM(), root.getCertificatePEM());
        identity.watch(States.CERTIFICATE, states);
        try {
            identity.publish(web.getCertificatePathPEM(), rsa.getPrivateKeyPEM(), root.getCertificatePEM());
        } catch (IllegalArgumentException e) {
            said.append(e).append(e.getCause());
        }
        said.append(identity).append(states.all());
        assertThat(said).contains("does not belong");
        assertSecret(web.getPrivateKeyPEM());
        assertSecret(rsa.getPrivateKeyPEM());
    }

    @Test
    void istiod_certificateAndTokenRefused_showNeitherKeyNorToken() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "token-with-much-in-it");
        Path ca = Files.writeString(folder.resolve("root.pem"), root.getCertificatePEM());
        ManualLoop loop = new ManualLoop();
        try (TestIstiod istiod = new TestIstiod(root, loop::now)) {
            istiod.goodTokens.add("token-with-much-in-it");
            IstiodIdentityBuilder builder = IstiodIdentity.at(istiod.target())
                    .workload("cluster.local", "default", "web")
                    .roots(ca)
                    .token(token);
            List<String> keys = new ArrayList<>();
            try (OwnTls tls = new OwnTls(
                            builder.access(() -> null, InstantSource.system()).settings());
                    IstiodIdentity identity = builder.build(loop, new Random(9), tls, () -> {})) {
                identity.watch(States.CERTIFICATE, states);
                await().until(() -> {
                    loop.run();
                    return states.isReady();
                });
                keys.add(states.key());
                istiod.goodTokens.clear();
                loop.advance(Duration.ofMinutes(735));
                await().until(() -> {
                    loop.run();
                    return logged().contains("UNAUTHENTICATED");
                });
                said.append(identity).append(states.all());
            }
            keys.forEach(this::assertSecret);
            assertThat(logged() + said).doesNotContain("token-with-much-in-it");
        }
    }

    private String logged() {
        return log.toString(StandardCharsets.UTF_8);
    }

    private void assertSecret(String key) {
        String everything = logged() + said;
        assertThat(everything).isNotBlank();
        String body = key.replaceAll("-----.*-----|\\s", "");
        for (int i = 0; i + WINDOW <= body.length(); i++) {
            assertThat(everything).doesNotContain(body.substring(i, i + WINDOW));
        }
    }
}
