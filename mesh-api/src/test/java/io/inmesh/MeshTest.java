package io.inmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSourceProvider;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.inmesh.snapshot.SourceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MeshTest {
    private static ConfigurationSourceProvider provider(String hint) {
        return new ConfigurationSourceProvider() {
            @Override
            public Optional<ConfigurationSource> find() {
                return Optional.empty();
            }

            @Override
            public String hint() {
                return hint;
            }
        };
    }

    @Test
    void connect_withoutAnyProvider_saysWhatToAdd() {
        assertThatThrownBy(Mesh::connect)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("mesh-grpc", "Mesh.builder().source(...)");
    }

    @Test
    void lookup_whereNoProviderFindsAnything_tellsEachHint() {
        assertThatThrownBy(() -> SourceLookup.find(List.of(provider("set A"), provider("set B"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("set A", "set B");
    }

    @Test
    void builder_negativeTimeout_isRefused() {
        assertThatThrownBy(() -> Mesh.builder().configurationTimeout(Duration.ofSeconds(-1)))
                .hasMessageContaining("PT-1S");
    }

    @Test
    void secrets_ofTheApplicationGoBeforeThoseOfSnapshots() {
        AtomicReference<Consumer<MeshSnapshot>> publisher = new AtomicReference<>();
        List<Object> told = new ArrayList<>();
        SecretProvider own = new SecretProvider() {
            @Override
            public boolean provides(SecretName name) {
                return name.name().equals("own");
            }

            @Override
            public Watch watch(SecretName name, Consumer<SecretState> listener) {
                listener.accept(new SecretState.Awaited("asked for " + name));
                return () -> {};
            }
        };
        try (Mesh mesh =
                Mesh.builder().source(new HeldSource(publisher)).secrets(own).build()) {
            Secret roots = Secret.Validation.of(DataSource.Inline.of("roots"));
            mesh.secrets().watch(SecretName.ofControlPlane("own"), told::add);
            mesh.secrets().watch(SecretName.ofControlPlane("roots"), told::add);

            Objects.requireNonNull(publisher.get())
                    .accept(new MeshSnapshot(
                            1, Map.of(), Map.of(), Map.of(), Map.of(), Map.of("roots", roots), Map.of()));

            assertThat(told)
                    .containsExactly(
                            new SecretState.Awaited("asked for secret own"),
                            new SecretState.Awaited("secret roots: no configuration has come yet"),
                            new SecretState.Ready(roots));
            assertThat(mesh.snapshot().secrets()).containsOnlyKeys("roots");
        }
    }

    /** Publishes when the test does. */
    private record HeldSource(AtomicReference<Consumer<MeshSnapshot>> publisher)
            implements ConfigurationSource, Dialect {
        @Override
        public Dialect dialect() {
            return this;
        }

        @Override
        public String name() {
            return "held";
        }

        @Override
        public Directory index(MeshSnapshot snapshot) {
            return destination -> new Choice.Refused("nothing is routed here");
        }

        @Override
        public void start(Consumer<MeshSnapshot> subscriber) {
            publisher.set(subscriber);
        }

        @Override
        public Interest want(ResourceName name, String watcher) {
            return () -> {};
        }

        @Override
        public SourceStatus status() {
            return new SourceStatus("held", true, Instant.EPOCH, null, List.of());
        }

        @Override
        public void close() {}
    }

    @Test
    void exception_tellsProblemFlagAndWay() {
        MeshException exception = new MeshException(
                "the response broke off",
                null,
                io.inmesh.exchange.ResponseFlag.UPSTREAM_CONNECTION_TERMINATION,
                new java.io.EOFException("x"));
        assertThat(exception).hasMessage("the response broke off (UC)").hasRootCauseMessage("x");
    }
}
