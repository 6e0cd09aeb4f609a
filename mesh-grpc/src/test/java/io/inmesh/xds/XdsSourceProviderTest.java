package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.ConfigurationSourceProvider;
import io.inmesh.xds.files.FolderSource;
import io.inmesh.xds.istio.IstioSource;
import io.inmesh.xds.kuma.KumaSource;
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
        try (ConfigurationSource source = find(
                        Map.of("inmesh.resources", folder.toString(), "inmesh.xds.dialect", "istio"), Map.of())
                .orElseThrow()) {
            assertThat(source).isInstanceOf(FolderSource.class);
            assertThat(source.dialect().name()).isEqualTo("istio");
        }
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> find(Map.of(), Map.of("INMESH_RESOURCES", missing.toString())))
                .hasMessageContainingAll("INMESH_RESOURCES=", "missing", "no such file or folder");
    }

    @Test
    void find_unknownDialect_saysWhatIsExpected() {
        assertThatThrownBy(() -> find(Map.of("inmesh.xds.server", "a:1", "inmesh.xds.dialect", "linkerd"), Map.of()))
                .hasMessage("inmesh.xds.dialect=linkerd: expected envoy, grpc, istio or kuma");
    }

    @Test
    void serviceLoader_findsTheProvider() {
        assertThat(ServiceLoader.load(ConfigurationSourceProvider.class))
                .hasAtLeastOneElementOfType(XdsSourceProvider.class);
    }

    @Test
    void find_istioDialect_builtOfSettingsAndSurroundings(@TempDir Path folder) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "t");
        Path roots = Files.writeString(folder.resolve("roots"), "r");
        Map<String, String> environment = Map.of(
                "INMESH_XDS_DIALECT", "istio",
                "INMESH_XDS_SERVER", "localhost:15012, other:15012",
                "INMESH_XDS_CA", roots.toString(),
                "INMESH_XDS_TOKEN_FILE", token.toString(),
                "POD_NAMESPACE", "shop",
                "SERVICE_ACCOUNT", "web");
        try (IstioSource source =
                (IstioSource) istiod(Map.of(), environment, folder).orElseThrow()) {
            assertThat(source.servers())
                    .extracting(XdsServer::target)
                    .containsExactly("localhost:15012", "other:15012");
            assertThat(source.node().metadata()).containsEntry("NAMESPACE", "shop");
        }
        assertThatThrownBy(() -> istiod(Map.of("inmesh.xds.pin", "x"), environment, folder))
                .hasMessage("inmesh.xds.pin has no meaning with the dialect istio");
        assertThatThrownBy(() -> istiod(Map.of("inmesh.xds.plaintext", "yes"), environment, folder))
                .hasMessage("inmesh.xds.plaintext=yes: expected true or false");
        try (IstioSource open = (IstioSource) istiod(Map.of("inmesh.xds.plaintext", "true"), environment, folder)
                .orElseThrow()) {
            assertThat(open.servers()).allMatch(each -> each.security() instanceof XdsServer.Security.Plaintext);
        }
    }

    @Test
    void find_kumaDialect_builtOfSettingsBeforeTheEnvironmentOfAKumaDp() {
        Map<String, String> environment = Map.of(
                "INMESH_XDS_DIALECT", "kuma",
                "INMESH_XDS_PIN", "00".repeat(32),
                "INMESH_KUMA_MESH", "shop",
                "KUMA_CONTROL_PLANE_URL", "https://kuma-cp.example:5678",
                "KUMA_DATAPLANE_MESH", "another",
                "KUMA_DATAPLANE_NAME", "web-1");
        try (KumaSource source = (KumaSource) find(Map.of(), environment).orElseThrow()) {
            assertThat(source.nodeId()).isEqualTo("shop.web-1");
        }
        assertThatThrownBy(() -> find(Map.of("inmesh.xds.node", "web-1"), environment))
                .hasMessage("inmesh.xds.node has no meaning with the dialect kuma");
    }

    @Test
    void find_pod_istiodIsFoundByItselfAfterEverythingElse(@TempDir Path folder) throws IOException {
        Map<String, String> pod = Map.of("POD_NAMESPACE", "shop", "SERVICE_ACCOUNT", "web");
        assertThat(istiod(Map.of(), pod, folder)).isEmpty();
        Files.createDirectories(folder.resolve("var/run/secrets/istio"));
        Files.createDirectories(folder.resolve("var/run/secrets/tokens"));
        Files.writeString(folder.resolve("var/run/secrets/istio/root-cert.pem"), "r");
        Files.writeString(folder.resolve("var/run/secrets/tokens/istio-token"), "t");
        try (ConfigurationSource source = istiod(Map.of(), pod, folder).orElseThrow()) {
            assertThat(source).isInstanceOfSatisfying(IstioSource.class, found -> assertThat(found.servers())
                    .extracting(XdsServer::target)
                    .containsExactly("istiod.istio-system.svc:15012"));
        }
        try (ConfigurationSource source =
                istiod(Map.of("inmesh.xds.server", "a:1"), pod, folder).orElseThrow()) {
            assertThat(source).isInstanceOf(XdsSource.class);
        }
        assertThat(istiod(Map.of("inmesh.xds.dialect", "envoy"), pod, folder)).isEmpty();
    }

    private static Optional<ConfigurationSource> istiod(
            Map<String, String> properties, Map<String, String> environment, Path root) {
        return new XdsSourceProvider(properties::get, environment::get, () -> IstioSource.builder()
                        .environment(environment)
                        .root(root))
                .find();
    }

    private static XdsSource found(Map<String, String> properties, Map<String, String> environment) {
        return (XdsSource) find(properties, environment).orElseThrow();
    }

    private static Optional<ConfigurationSource> find(Map<String, String> properties, Map<String, String> environment) {
        return new XdsSourceProvider(properties::get, environment::get).find();
    }
}
