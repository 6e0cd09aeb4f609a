package io.inmesh.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SecretProvider.SecretState.Awaited;
import io.inmesh.snapshot.SecretProvider.SecretState.Ready;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FirstOfTest {
    private final List<SecretState> told = new ArrayList<>();

    /** Has every secret of one source, and its own name in it. */
    private record Fixed(String source, String mark) implements SecretProvider {
        @Override
        public boolean provides(SecretName name) {
            return name.source().equals(source);
        }

        @Override
        public Watch watch(SecretName name, Consumer<SecretState> listener) {
            listener.accept(new Ready(roots(mark)));
            return () -> {};
        }
    }

    private static Secret roots(String mark) {
        return Secret.Validation.of(DataSource.Inline.of(mark));
    }

    @Test
    void watch_theFirstSourceThatProvides_counts() {
        SecretProvider secrets = SecretProvider.firstOf(
                List.of(new Fixed("file:/a", "file"), new Fixed("", "first"), new Fixed("", "second")));

        secrets.watch(SecretName.ofControlPlane("x"), told::add).close();
        secrets.watch(new SecretName("file:/a", "x"), told::add).close();

        assertThat(told).containsExactly(new Ready(roots("first")), new Ready(roots("file")));
    }

    @Test
    void watch_whatNoSourceProvides_isAwaitedAndSaysWhatToConfigure() {
        SecretProvider secrets = SecretProvider.firstOf(List.of(new Fixed("", "own")));
        SecretName name = new SecretName("cluster:sds-grpc", "default");

        secrets.watch(name, told::add).close();

        assertThat(secrets.provides(name)).isFalse();
        assertThat(told)
                .containsExactly(
                        new Awaited("secret default of cluster:sds-grpc: no source of secrets of this process has"
                                + " it; give one that has to Mesh.builder().secrets(...)"));
    }
}
