package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.DataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataReaderTest {
    @TempDir
    @Nullable
    Path folder;

    private Path allowed = Path.of("");
    private Path elsewhere = Path.of("");

    @BeforeEach
    void folders() throws Exception {
        Path real = Path.of(String.valueOf(folder)).toRealPath();
        allowed = Files.createDirectory(real.resolve("allowed"));
        elsewhere = Files.createDirectory(real.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("secret"), "not for control planes");
    }

    private DataReader reader() {
        return new DataReader(
                new TlsOptions(Set.of(allowed.toString()), Set.of("ALLOWED"), Duration.ZERO, false),
                name -> name.equals("UNSET") ? null : "value of " + name);
    }

    private static DataSource.File file(Path path) {
        return new DataSource.File(path.toString(), null);
    }

    @Test
    void read_fileThatIsAllowed_isRead() throws Exception {
        Files.writeString(allowed.resolve("a"), "content");

        assertThat(reader().read(file(allowed.resolve("a")))).asString().isEqualTo("content");
    }

    @Test
    void read_fileElsewhere_isRefused() {
        assertThatThrownBy(() -> reader().read(file(elsewhere.resolve("secret"))))
                .hasMessageContaining("may not be named")
                .hasMessageNotContaining("not for control planes");
    }

    @Test
    void read_pathOutOfTheFolder_isRefused() {
        assertThatThrownBy(() -> reader().read(file(allowed.resolve("../elsewhere/secret"))))
                .hasMessageContaining("may not be named");
    }

    @Test
    void read_linkOutOfTheFolder_isRefused() throws Exception {
        Files.createSymbolicLink(allowed.resolve("link"), elsewhere.resolve("secret"));
        Files.createSymbolicLink(allowed.resolve("dir"), elsewhere);

        assertThatThrownBy(() -> reader().read(file(allowed.resolve("link")))).hasMessageContaining("may not be named");
        assertThatThrownBy(() -> reader().read(file(allowed.resolve("dir").resolve("secret"))))
                .hasMessageContaining("may not be named");
    }

    @Test
    void read_folderWhoseNameOnlyBeginsTheSame_isRefused() throws Exception {
        Path similar = Files.createDirectory(allowed.resolveSibling("allowed-not"));
        Files.writeString(similar.resolve("a"), "content");

        assertThatThrownBy(() -> reader().read(file(similar.resolve("a")))).hasMessageContaining("may not be named");
    }

    @Test
    void read_allowedFolderThatIsALink_isFollowed() throws Exception {
        Files.writeString(allowed.resolve("a"), "content");
        Path link = Files.createSymbolicLink(allowed.resolveSibling("run"), allowed);
        DataReader reader =
                new DataReader(new TlsOptions(Set.of(link.toString()), Set.of(), Duration.ZERO, false), name -> null);

        assertThat(reader.read(file(link.resolve("a")))).asString().isEqualTo("content");
    }

    @Test
    void read_nothingAllowed_refusesEverything() {
        DataReader reader = new DataReader(TlsOptions.DEFAULT, name -> "value");

        assertThatThrownBy(() -> reader.read(file(elsewhere.resolve("secret"))))
                .hasMessageContaining("may not be named");
        assertThatThrownBy(() -> reader.read(new DataSource.Environment("HOME")))
                .hasMessageContaining("may not be named");
    }

    @Test
    void read_environment_needsItsName() throws Exception {
        assertThat(reader().read(new DataSource.Environment("ALLOWED")))
                .asString()
                .isEqualTo("value of ALLOWED");
        assertThatThrownBy(() -> reader().read(new DataSource.Environment("OTHER")))
                .hasMessageContaining("may not be named");
    }

    /** A Kubernetes volume: the files are links through {@code ..data}, which is exchanged. */
    @Test
    void filesChanged_kubernetesSwap_isSeen() throws Exception {
        Path first = Files.createDirectory(allowed.resolve("..2026_01"));
        Path second = Files.createDirectory(allowed.resolve("..2026_02"));
        Files.writeString(first.resolve("tls.crt"), "old");
        Files.writeString(second.resolve("tls.crt"), "new");
        Files.createSymbolicLink(allowed.resolve("..data"), Path.of("..2026_01"));
        Files.createSymbolicLink(allowed.resolve("tls.crt"), Path.of("..data/tls.crt"));
        DataReader reader = reader();
        DataSource.File file = file(allowed.resolve("tls.crt"));
        assertThat(reader.read(file)).asString().isEqualTo("old");
        assertThat(reader.filesChanged()).isFalse();

        Files.createSymbolicLink(allowed.resolve("..data_tmp"), Path.of("..2026_02"));
        Files.move(allowed.resolve("..data_tmp"), allowed.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

        assertThat(reader.filesChanged()).isTrue();
        assertThat(reader().read(file)).asString().isEqualTo("new");
    }

    @Test
    void filesChanged_fileThatAppears_isSeen() throws Exception {
        DataReader reader = reader();
        assertThatThrownBy(() -> reader.read(file(allowed.resolve("late")))).hasMessageContaining("cannot be read");
        assertThat(reader.filesChanged()).isFalse();

        Files.writeString(allowed.resolve("late"), "here");

        assertThat(reader.filesChanged()).isTrue();
    }
}
