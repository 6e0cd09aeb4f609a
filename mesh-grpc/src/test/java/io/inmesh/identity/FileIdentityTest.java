package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.snapshot.SecretProvider.SecretState;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIdentityTest {
    private final X509Bundle root = TestIdentity.root("root");
    private final X509Bundle first = TestIdentity.workload(root);
    private final X509Bundle second = TestIdentity.workload(root, Algorithm.rsa2048);
    private final States certificate = new States();
    private final States roots = new States();

    private final Path folder;

    private FileIdentity identity =
            FileIdentity.of(Path.of("a"), Path.of("b"), Path.of("c")).build();

    FileIdentityTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        identity.close();
    }

    @Test
    void watch_wholePair_isReadAfterTheFirstState() throws IOException {
        write(folder, first);
        begin(folder);
        await().until(() -> certificate.isReady() && roots.isReady());
        assertThat(certificate.all().get(0)).isInstanceOf(SecretState.Awaited.class);
        assertThat(certificate.chain()).isEqualTo(first.getCertificatePathPEM());
        assertThat(certificate.key()).isEqualTo(first.getPrivateKeyPEM());
        assertThat(roots.roots()).isEqualTo(root.getCertificatePEM());
    }

    @Test
    void watch_filesThatCome_saysWhichIsMissingAndTakesThemThen() throws IOException {
        begin(folder);
        await().untilAsserted(() -> assertThat(certificate.awaited()).contains("there is no file", "tls.crt"));
        assertThat(roots.awaited()).contains("there is no file", "ca.crt");
        write(folder, first);
        await().until(() -> certificate.isReady() && roots.isReady());
    }

    @Test
    void watch_kubernetesExchangesItsLink_takesTheNewPairAndNeverAMixture() throws IOException {
        Path versions = Files.createDirectory(folder.resolve("..2026_01"));
        write(versions, first);
        Files.createSymbolicLink(folder.resolve("..data"), versions.getFileName());
        for (String file : new String[] {"tls.crt", "tls.key", "ca.crt"}) {
            Files.createSymbolicLink(folder.resolve(file), Path.of("..data", file));
        }
        begin(folder);
        await().until(certificate::isReady);

        Path next = Files.createDirectory(folder.resolve("..2026_02"));
        write(next, second);
        Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), next.getFileName());
        Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        await().untilAsserted(() -> assertThat(certificate.chain()).isEqualTo(second.getCertificatePathPEM()));
        assertThat(certificate.key()).isEqualTo(second.getPrivateKeyPEM());
        assertThat(certificate.all()).hasSize(3);
    }

    @Test
    void watch_certificateWrittenBeforeItsKey_waitsForTheKey() throws IOException {
        write(folder, first);
        begin(folder);
        await().until(() -> certificate.isReady() && roots.isReady());
        Files.writeString(folder.resolve("tls.crt"), second.getCertificatePathPEM());
        // The roots change last, so that it is known when the certificate alone was looked at.
        X509Bundle otherRoot = TestIdentity.root("other");
        Files.writeString(folder.resolve("ca.crt"), otherRoot.getCertificatePEM());
        await().untilAsserted(() -> assertThat(roots.roots()).isEqualTo(otherRoot.getCertificatePEM()));
        assertThat(certificate.chain()).isEqualTo(first.getCertificatePathPEM());

        String key = second.getPrivateKeyPEM();
        Files.writeString(folder.resolve("tls.key"), key.substring(0, key.length() / 2));
        Files.writeString(folder.resolve("tls.key"), key);
        await().untilAsserted(() -> assertThat(certificate.chain()).isEqualTo(second.getCertificatePathPEM()));
        assertThat(certificate.all()).hasSize(3);
    }

    @Test
    void watch_filesGoAway_lastGoodStays() throws IOException {
        write(folder, first);
        begin(folder);
        await().until(() -> certificate.isReady() && roots.isReady());
        Files.delete(folder.resolve("tls.key"));
        X509Bundle otherRoot = TestIdentity.root("other");
        Files.writeString(folder.resolve("ca.crt"), otherRoot.getCertificatePEM());
        await().untilAsserted(() -> assertThat(roots.roots()).isEqualTo(otherRoot.getCertificatePEM()));
        assertThat(certificate.key()).isEqualTo(first.getPrivateKeyPEM());
    }

    @Test
    void watch_filesInThreeFoldersAndAWatchedOne_allAreNoticed() throws IOException {
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Path roster = Files.createDirectory(folder.resolve("roots"));
        Path watched = Files.createDirectory(folder.resolve("watched"));
        write(folder, first);
        Path key = Files.move(folder.resolve("tls.key"), keys.resolve("tls.key"));
        Path ca = Files.move(folder.resolve("ca.crt"), roster.resolve("ca.crt"));
        identity = FileIdentity.of(folder.resolve("tls.crt"), key, ca)
                .watchedDirectory(watched)
                .build();
        watchBoth();
        await().until(() -> certificate.isReady() && roots.isReady());
        X509Bundle otherRoot = TestIdentity.root("other");
        Files.writeString(ca, otherRoot.getCertificatePEM());
        await().untilAsserted(() -> assertThat(roots.roots()).isEqualTo(otherRoot.getCertificatePEM()));
    }

    @Test
    void toString_ofAllThatIsSaid_showsNoKey() throws IOException {
        write(folder, first);
        begin(folder);
        await().until(certificate::isReady);
        String key = first.getPrivateKeyPEM().replaceAll("-----.*-----|\\s", "");
        String said = identity + " " + certificate.all() + roots.all();
        assertThat(said).doesNotContain(key.substring(0, 12)).doesNotContain(key.substring(40, 52));
        assertThat(said.toLowerCase(Locale.ROOT)).doesNotContain("begin");
    }

    private void begin(Path place) {
        identity = FileIdentity.of(place.resolve("tls.crt"), place.resolve("tls.key"), place.resolve("ca.crt"))
                .build();
        watchBoth();
    }

    private void watchBoth() {
        identity.watch(States.CERTIFICATE, certificate);
        identity.watch(States.ROOTS, roots);
    }

    private void write(Path place, X509Bundle workload) throws IOException {
        Files.writeString(place.resolve("tls.crt"), workload.getCertificatePathPEM());
        Files.writeString(place.resolve("tls.key"), workload.getPrivateKeyPEM());
        Files.writeString(place.resolve("ca.crt"), root.getCertificatePEM());
    }
}
