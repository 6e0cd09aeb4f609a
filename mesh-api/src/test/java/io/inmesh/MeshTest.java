package io.inmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSourceProvider;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
    void exception_tellsProblemFlagAndWay() {
        MeshException exception = new MeshException(
                "the response broke off",
                null,
                io.inmesh.exchange.ResponseFlag.UPSTREAM_CONNECTION_TERMINATION,
                new java.io.EOFException("x"));
        assertThat(exception).hasMessage("the response broke off (UC)").hasRootCauseMessage("x");
    }
}
