package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSourceProvider;
import io.inmesh.xds.files.FolderSource;
import io.inmesh.xds.protocol.XdsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XdsSourceProviderTest {
    private static final String GRPC =
            "{\"xds_servers\": [{\"server_uri\": \"cp:1\", \"channel_creds\": [{\"type\": \"insecure\"}]}]}";

    @Test
    void find_nothingSet_empty() {
        assertThat(find(Map.of(), Map.of())).isEmpty();
    }

    @Test
    void find_serverProperty_goesBeforeItsVariable() {
        try (XdsSource source = found(
                Map.of("inmesh.xds.server", "a:1, b:2", "inmesh.xds.node", "n7"),
                Map.of("INMESH_XDS_SERVER", "c:3", "INMESH_XDS_CLUSTER", "shop", "INMESH_XDS_DIALECT", "grpc"))) {
            assertThat(source.bootstrap().servers())
                    .extracting(XdsServer::target)
                    .containsExactly("a:1", "b:2");
            assertThat(source.bootstrap().node().id()).isEqualTo("n7");
            assertThat(source.bootstrap().node().cluster()).isEqualTo("shop");
            assertThat(source.dialect().name()).isEqualTo("grpc");
        }
    }

    @Test
    void find_grpcVariables_fileAndText(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), GRPC);
        try (XdsSource source = found(Map.of(), Map.of("GRPC_XDS_BOOTSTRAP", file.toString()))) {
            assertThat(source.bootstrap().source()).isEqualTo(file.toString());
            assertThat(source.dialect().name()).isEqualTo("grpc");
        }
        try (XdsSource source = found(Map.of("io.grpc.xds.bootstrapConfig", GRPC), Map.of())) {
            assertThat(source.bootstrap().servers()).hasSize(1);
            assertThat(source.bootstrap().node().id()).startsWith("inmesh-");
        }
    }

    @Test
    void find_brokenBootstrap_namesVariableFileLineAndField(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("b.yaml"), "node:\n  id: x\nnodes: 1\n");
        assertThatThrownBy(() -> find(Map.of(), Map.of("INMESH_BOOTSTRAP", file.toString())))
                .hasMessageContainingAll("INMESH_BOOTSTRAP", "b.yaml:3", "nodes");
    }

    @Test
    void find_resources_folderOrAnErrorThatNamesIt(@TempDir Path folder) {
        try (ConfigurationSource source =
                find(Map.of("inmesh.resources", folder.toString()), Map.of()).orElseThrow()) {
            assertThat(source).isInstanceOf(FolderSource.class);
            assertThat(source.dialect().name()).isEqualTo("envoy");
        }
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> find(Map.of(), Map.of("INMESH_RESOURCES", missing.toString())))
                .hasMessageContainingAll("INMESH_RESOURCES=", "missing", "no such file or folder");
    }

    @Test
    void find_unknownDialect_saysWhatIsExpected() {
        assertThatThrownBy(() -> find(Map.of("inmesh.xds.server", "a:1", "inmesh.xds.dialect", "linkerd"), Map.of()))
                .hasMessage("inmesh.xds.dialect=linkerd: expected envoy, grpc or istio");
    }

    @Test
    void serviceLoader_findsTheProvider() {
        assertThat(ServiceLoader.load(ConfigurationSourceProvider.class))
                .hasAtLeastOneElementOfType(XdsSourceProvider.class);
    }

    private static XdsSource found(Map<String, String> properties, Map<String, String> environment) {
        return (XdsSource) find(properties, environment).orElseThrow();
    }

    private static Optional<ConfigurationSource> find(Map<String, String> properties, Map<String, String> environment) {
        return new XdsSourceProvider(properties::get, environment::get).find();
    }
}
