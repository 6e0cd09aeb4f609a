package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.grpc.OwnTls;
import io.inmesh.xds.testing.ManualLoop;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IstiodIdentityTest {
    private final X509Bundle root = TestIdentity.root("root");
    private final ManualLoop loop = new ManualLoop();
    private final States certificate = new States();
    private final States roots = new States();
    private final Path token;
    private final Path rootFile;
    private final TestIstiod istiod = new TestIstiod(root, loop::now);
    private AutoCloseable tls = () -> {};

    IstiodIdentityTest(@TempDir Path folder) throws Exception {
        this.token = folder.resolve("istio-token");
        this.rootFile = folder.resolve("root-cert.pem");
    }

    @BeforeEach
    void mount() throws IOException {
        Files.writeString(token, "token-1\n");
        Files.writeString(rootFile, root.getCertificatePEM());
        istiod.goodTokens.add("token-1");
    }

    @AfterEach
    void close() throws Exception {
        istiod.close();
        tls.close();
    }

    @ParameterizedTest
    @EnumSource
    void watch_goodToken_certificateOfTheWorkloadAndRoots(KeyType type) throws BadMaterialException {
        try (IstiodIdentity identity = begin(istiod().keyType(type))) {
            until(certificate::isReady);
            assertThat(Material.certificates(certificate.chain()))
                    .singleElement()
                    .satisfies(leaf -> {
                        assertThat(leaf.getSubjectAlternativeNames().toString()).contains(TestIdentity.WEB);
                        assertThat(leaf.getPublicKey().getAlgorithm()).isEqualTo(type == KeyType.P256 ? "EC" : "RSA");
                    });
            assertThat(Material.certificates(roots.roots())).hasSize(1);
            assertThat(istiod.validities).containsExactly(86_400L);
            assertThat(identity.toString()).doesNotContain(certificate.key().substring(30, 50));
        }
    }

    @Test
    void renewal_tokenExchangedMeanwhile_sendsTheNewOneAndTakesANewKey() throws IOException {
        try (IstiodIdentity identity = begin(istiod())) {
            until(certificate::isReady);
            String key = certificate.key();
            Files.writeString(token, "token-2\n");
            istiod.goodTokens.add("token-2");
            loop.advance(Duration.ofMinutes(735)); // a little more than half a day
            until(() -> !certificate.key().equals(key));
            assertThat(istiod.tokensSeen).containsExactly("Bearer token-1", "Bearer token-2");
            assertThat(identity.provides(States.ROOTS)).isTrue();
        }
    }

    @Test
    void watch_refusedToken_saysSoAndTriesAgainUntilItIsGood() {
        istiod.goodTokens.clear();
        try (IstiodIdentity identity = begin(istiod())) {
            untilAwaited(identity + "", "UNAUTHENTICATED: authentication failure");
            istiod.goodTokens.add("token-1");
            until(() -> {
                loop.advance(Duration.ofMillis(100));
                return certificate.isReady();
            });
            assertThat(istiod.tokensSeen.size()).isGreaterThan(1);
        }
    }

    @Test
    void watch_noTokenFile_namesTheFileAndSendsNothing() throws IOException {
        Files.delete(token);
        try (IstiodIdentity identity = begin(istiod())) {
            untilAwaited(identity + "", "there is no token file " + token);
            assertThat(istiod.tokensSeen).isEmpty();
        }
    }

    @Test
    void watch_istiodWithAnotherRoot_isNotTrustedAndSeesNoToken() throws IOException {
        Files.writeString(rootFile, TestIdentity.root("other").getCertificatePEM());
        try (IstiodIdentity identity = begin(istiod())) {
            untilAwaited(identity + "", "the certificate authority at " + istiod.target() + ": UNAVAILABLE");
            assertThat(istiod.tokensSeen).isEmpty();
        }
    }

    @Test
    void watch_istiodUnderAnotherName_isNotTrusted() {
        try (IstiodIdentity identity = begin(istiod().serverName("istiod.istio-system.svc"))) {
            untilAwaited(identity + "", "UNAVAILABLE");
            assertThat(istiod.tokensSeen).isEmpty();
        }
    }

    @Test
    void roots_fileExchanged_bothTheFilesAndTheReturnedOneAreTrusted() throws Exception {
        try (IstiodIdentity identity = begin(istiod())) {
            until(certificate::isReady);
            X509Bundle other = TestIdentity.root("other");
            Files.writeString(rootFile, other.getCertificatePEM());
            until(() -> roots.isReady() && Material.certificates(roots.roots()).size() == 2);
            assertThat(Material.certificates(roots.roots()))
                    .containsExactly(other.getCertificate(), root.getCertificate());
            assertThat(identity.provides(States.CERTIFICATE)).isTrue();
        }
    }

    @Test
    void build_withoutWorkload_saysWhatIsExpected() {
        assertThatThrownBy(() -> IstiodIdentity.at("istiod:15012").build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected workload(...)");
    }

    private IstiodIdentityBuilder istiod() {
        return IstiodIdentity.at(istiod.target())
                .workload("cluster.local", "default", "web")
                .roots(rootFile)
                .token(token);
    }

    private IstiodIdentity begin(IstiodIdentityBuilder builder) {
        OwnTls own = new OwnTls(builder.access(() -> null, loop::now).settings());
        tls = own;
        IstiodIdentity identity = builder.build(loop, new Random(5), own, () -> {});
        identity.watch(States.CERTIFICATE, certificate);
        identity.watch(States.ROOTS, roots);
        loop.run();
        return identity;
    }

    private void untilAwaited(String who, String reason) {
        await(who).untilAsserted(() -> {
            loop.run();
            assertThat(certificate.awaited()).contains(reason);
        });
    }

    private void until(Callable<Boolean> condition) {
        await().until(() -> {
            loop.run();
            return condition.call();
        });
    }
}
