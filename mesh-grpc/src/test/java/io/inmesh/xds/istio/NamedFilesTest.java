package io.inmesh.xds.istio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider.SecretState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamedFilesTest {
    private final NamedFiles files = new NamedFiles();

    private Secret secret(String name) {
        List<SecretState> states = new ArrayList<>();
        files.watch(new SecretName("cluster:sds-grpc", name), states::add).close();
        assertThat(states).hasSize(1);
        return ((SecretState.Ready) states.get(0)).secret();
    }

    @Test
    void watch_rootsInAFile_areReadWhereTheNameSays() {
        assertThat(secret("file-root:/etc/ca.pem"))
                .isEqualTo(Secret.Validation.of(new DataSource.File("/etc/ca.pem", null)));
    }

    @Test
    void watch_rootsOfTheSystem_areNoFile() {
        Secret.Validation validation = (Secret.Validation) secret("file-root:system");

        assertThat(validation.systemRoots()).isTrue();
        assertThat(validation.trustedCa()).isNull();
        assertThat(validation.acceptUntrusted()).isFalse();
    }

    @Test
    void watch_certificateAndKey_areTwoFiles() {
        assertThat(secret("file-cert:/etc/c.pem~/etc/k.pem"))
                .isEqualTo(Secret.Certificate.of(
                        new DataSource.File("/etc/c.pem", null), new DataSource.File("/etc/k.pem", null)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "default",
                "ROOTCA",
                "file-root:",
                "file-cert:/etc/c.pem",
                "file-cert:~/etc/k.pem",
                "file-cert:/c~"
            })
    void provides_otherNames_no(String name) {
        SecretName other = new SecretName("cluster:sds-grpc", name);

        assertThat(files.provides(other)).isFalse();
        assertThatThrownBy(() -> files.watch(other, state -> {})).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void provides_sameNameOfAnotherServer_no() {
        assertThat(files.provides(SecretName.ofControlPlane("file-root:system")))
                .isFalse();
        assertThat(files.provides(new SecretName("cluster:sds-grpc", "file-root:system")))
                .isTrue();
    }
}
