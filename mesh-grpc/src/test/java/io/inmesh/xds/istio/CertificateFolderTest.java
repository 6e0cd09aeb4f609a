package io.inmesh.xds.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.snapshot.SecretProvider.SecretState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateFolderTest {
    private static final SecretState READY =
            new SecretState.Ready(Secret.Certificate.of(DataSource.Inline.of("chain"), DataSource.Inline.of("key")));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void keep_certificate_writesBothFilesAndNothingElse() throws Exception {
        new CertificateFolder(folder).keep(READY);

        assertThat(folder.resolve(CertificateFolder.KEY)).hasContent("key");
        assertThat(folder.resolve(CertificateFolder.CHAIN)).hasContent("chain");
        assertThat(files()).isEqualTo(2);
    }

    @Test
    void keep_fileThatCannotBeExchanged_leavesNoCopyOfTheKey() throws Exception {
        Files.createDirectories(folder.resolve(CertificateFolder.KEY).resolve("in the way"));

        new CertificateFolder(folder).keep(READY);

        assertThat(files()).as("only the folder that is in the way").isEqualTo(1);
    }

    private long files() throws Exception {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }
}
