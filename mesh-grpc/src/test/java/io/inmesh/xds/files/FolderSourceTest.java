package io.inmesh.xds.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.snapshot.SourceStatus.State;
import io.inmesh.xds.XdsDialect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSourceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final AtomicReference<@Nullable MeshSnapshot> snapshot = new AtomicReference<>();
    private final List<Optional<Integer>> published = new CopyOnWriteArrayList<>();
    private @Nullable FolderSource source;

    @AfterEach
    void close() {
        if (source != null) {
            source.close();
        }
    }

    private FolderSource start(Path path) {
        return start(new FolderSource(path, XdsDialect.envoy()));
    }

    private FolderSource start(FolderSource created) {
        source = created;
        created.start(each -> {
            snapshot.set(each);
            published.add(port());
        });
        return created;
    }

    private static String mesh(int port) {
        return """
                resources:
                - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
                  name: orders
                  type: EDS
                  eds_cluster_config: {eds_config: {path_config_source: {path: endpoints.yaml}}}
                - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
                  cluster_name: orders
                  endpoints:
                  - lb_endpoints:
                    - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
                """.formatted(port);
    }

    private Optional<Integer> port() {
        MeshSnapshot latest = snapshot.get();
        return latest != null && latest.clusters().get("orders") instanceof ClusterState.Ready ready
                ? ready.assignment().localities().stream()
                        .flatMap(locality -> locality.endpoints().stream())
                        .map(endpoint -> endpoint.port())
                        .findFirst()
                : Optional.empty();
    }

    private void awaitPort(int expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(port()).hasValue(expected));
    }

    @Test
    void start_folder_publishesItsMesh(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));

        FolderSource started = start(folder);

        awaitPort(8080);
        await().atMost(PATIENCE).until(() -> started.status().connected());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(started.status().resources())
                .hasSize(2)
                .allMatch(each -> each.state() == State.ACKED));
    }

    private static String secured(String chain) {
        return """
                resources:
                - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
                  name: orders
                  load_assignment:
                    cluster_name: orders
                    endpoints:
                    - lb_endpoints:
                      - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8443}}}
                  transport_socket:
                    name: envoy.transport_sockets.tls
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                      common_tls_context:
                        tls_certificate_sds_secret_configs: [{name: id, sds_config: {ads: {}}}]
                        validation_context_sds_secret_config: {name: roots, sds_config: {self: {}}}
                - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
                  name: id
                  tls_certificate: {certificate_chain: {inline_string: %s}, private_key: {inline_string: very-private}}
                - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
                  name: roots
                  validation_context: {trusted_ca: {filename: /roots.pem}}
                - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
                  name: stray
                  generic_secret: {secret: {inline_string: very-private}}
                """.formatted(chain);
    }

    private static Secret certificate(String chain) {
        return Secret.Certificate.of(DataSource.Inline.of(chain), DataSource.Inline.of("very-private"));
    }

    private Map<String, Secret> secrets() {
        MeshSnapshot latest = snapshot.get();
        return latest == null ? Map.of() : latest.secrets();
    }

    @Test
    void secrets_inFiles_comeWithTheClustersThatNameThemAndAreExchanged(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), secured("v1"));
        FolderSource started = start(folder);
        awaitPort(8443);
        assertThat(secrets())
                .isEqualTo(Map.of(
                        "id",
                        certificate("v1"),
                        "roots",
                        Secret.Validation.of(new DataSource.File("/roots.pem", null))));

        Files.writeString(file, secured("v2"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(secrets()).containsEntry("id", certificate("v2")));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(started.status().resources())
                .filteredOn(each -> each.name().kind() == ResourceName.Kind.SECRET)
                .extracting(each -> each.name().name() + " " + each.state())
                .containsExactlyInAnyOrder("id ACKED", "roots ACKED", "stray NACKED"));
        assertThat(started.status().toString() + snapshot.get()).doesNotContain("very-private");
    }

    @Test
    void secrets_thatNoFileHas_areMissingAndDoNotHoldTheMeshUp(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("mesh.yaml"), secured("v1").replace("name: roots\n", "name: other\n"));

        start(folder);

        awaitPort(8443);
        assertThat(secrets()).containsOnlyKeys("id");
        assertThat(Objects.requireNonNull(snapshot.get()).absent())
                .containsEntry(new ResourceName(ResourceName.Kind.SECRET, "roots"), "no file of " + folder + " has it");
    }

    @Test
    void secrets_inABrokenFile_areNotInTheError(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), secured("v1"));
        FolderSource started = start(folder);
        awaitPort(8443);

        for (String broken : List.of(
                secured("v1").replace("{inline_string: very-private}", "{inline_bytes: very-private}"),
                secured("v1").replace("{inline_string: very-private}", "very-private"),
                secured("v1").replace("{inline_string: very-private}", "{inline_string: very-private"),
                secured("v1").replace("{inline_string: very-private}", "{inline_string: [very-private]}"))) {
            Files.writeString(file, broken);
            await().atMost(PATIENCE).until(() -> started.status().error() != null);
            assertThat(started.status().error()).doesNotContain("very-private");
            Files.writeString(file, secured("v1"));
            await().atMost(PATIENCE).until(() -> started.status().error() == null);
        }
    }

    @Test
    void change_fileRewrittenInPlace_isNoticed(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));
        start(folder);
        awaitPort(8080);

        Files.writeString(file, mesh(8081));

        awaitPort(8081);
    }

    @Test
    void change_writerHasEmptiedTheFileAndNotWrittenYet_keepsTheMesh(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));
        start(new FolderSource(folder, XdsDialect.envoy(), Duration.ofMinutes(1)));
        awaitPort(8080);
        String next = mesh(8081);

        for (String soFar : List.of("", next.substring(0, next.indexOf("- \"@type\"", 20)))) {
            Files.writeString(file, soFar);
            await().during(Duration.ofMillis(300)).atMost(PATIENCE).untilAsserted(() -> assertThat(port())
                    .hasValue(8080));
        }
        Files.writeString(file, next);

        awaitPort(8081);
    }

    @Test
    void change_fileStaysEmpty_countsAfterAWhile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));
        start(folder);
        awaitPort(8080);

        Files.writeString(file, "");

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(port()).isEmpty());
    }

    @Test
    void change_fileRewrittenInPlaceManyTimes_neverDropsTheMesh(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));
        start(folder);
        awaitPort(8080);
        published.clear();

        for (int port = 9000; port < 9020; port++) {
            Files.writeString(file, mesh(port));
            awaitPort(port);
        }

        assertThat(published).hasSizeGreaterThanOrEqualTo(20).allMatch(Optional::isPresent);
    }

    @Test
    void change_fileReplacedByAnAtomicMove_isNoticed(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));
        start(file);
        awaitPort(8080);

        Path other = Files.writeString(folder.resolve("next.tmp"), mesh(8081));
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        awaitPort(8081);
    }

    @Test
    void change_symbolicLinkExchangedElsewhere_isNoticed(@TempDir Path folder) throws Exception {
        // As a ConfigMap is mounted: mesh.yaml -> ..data/mesh.yaml, and ..data -> a folder by time.
        Path first = Files.createDirectories(folder.resolve("first"));
        Path second = Files.createDirectories(folder.resolve("second"));
        Files.writeString(first.resolve("mesh.yaml"), mesh(8080));
        Files.writeString(second.resolve("mesh.yaml"), mesh(8081));
        Path data = Files.createSymbolicLink(folder.resolve("data"), first);
        Path mounted = Files.createDirectories(folder.resolve("mounted"));
        Files.createSymbolicLink(mounted.resolve("mesh.yaml"), data.resolve("mesh.yaml"));
        start(mounted);
        awaitPort(8080);

        Path next = Files.createSymbolicLink(folder.resolve("data.tmp"), second);
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        awaitPort(8081);
    }

    @Test
    void change_brokenFile_keepsTheLastGoodVersionAndSaysWhere(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));
        FolderSource started = start(folder);
        awaitPort(8080);

        Files.writeString(file, mesh(8081).replace("type: EDS", "typ: EDS"));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(started.status().error())
                .isEqualTo(file + ":4: resources[0]: unknown field \"typ\" in envoy.config.cluster.v3.Cluster;"
                        + " did you mean \"type\"?"));
        assertThat(port()).hasValue(8080);

        Files.writeString(file, mesh(8082));
        awaitPort(8082);
        await().atMost(PATIENCE).until(() -> started.status().error() == null);
    }

    @Test
    void change_resourceThatEnvoyWouldRefuse_isRefusedAloneWithItsPlace(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.yaml"), mesh(8080));
        FolderSource started = start(folder);
        awaitPort(8080);

        Files.writeString(file, mesh(0));

        await().atMost(PATIENCE).until(() -> started.status().resources().stream()
                .map(SourceStatus.ResourceStatus::error)
                .anyMatch(error -> error != null
                        && error.startsWith(file + ":6: ClusterLoadAssignment \"orders\": endpoints[0].lb_endpoints[0]")
                        && error.endsWith("port_value: 0 is not a port that can be connected to")));
        assertThat(port()).hasValue(8080);
    }

    @Test
    void read_sameNameTwice_namesBothPlaces(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.yaml"), mesh(8080));
        Path copy = Files.writeString(folder.resolve("b.yaml"), mesh(8081));

        FolderSource started = start(folder);

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(started.status().error())
                .isEqualTo(copy + ":2: name: \"orders\" is there twice, first at " + file + ":2"));
    }
}
