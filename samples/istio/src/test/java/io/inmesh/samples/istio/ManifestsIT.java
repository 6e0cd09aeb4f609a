package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.istio.controlplane.Istiod;
import io.inmesh.samples.istio.controlplane.KubernetesApi;
import io.inmesh.samples.istio.controlplane.KubernetesException;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.istio.IstioSource;
import io.inmesh.xds.protocol.XdsServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The samples' manifests: a real API server takes each, and what a kubelet would make of their pods is all that a workload needs. istiod is found by the names that it has in a
 * cluster, which src/test/config/hosts gives to one of revision {@code canary}.
 */
@ExtendWith(RealIstio.class)
class ManifestsIT {
    private static final Path MANIFESTS = Path.of("");
    private static final String SHOP = "shop";
    private static final String REVISION = "canary";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Of these, one revision's istiod reads one, and the other the other. */
    private static final String ROUTES = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: release-$WORD, namespace: shop, labels: {$LABELS}}
            spec:
              hosts: [release.shop.svc.cluster.local]
              http: [{directResponse: {status: 200, body: {string: "$WORD"}}}]
            """;

    private static KubernetesApi api;
    private static Istiod canary;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        canary = controlPlane.revision(REVISION, "127.0.53.15");
        api = controlPlane.api();
        api.apply(Files.readString(MANIFESTS.resolve("mesh/namespace.yaml")));
    }

    @AfterAll
    static void end() throws Exception {
        if (canary != null) {
            canary.close();
        }
    }

    static List<Path> manifests() throws IOException {
        try (Stream<Path> mesh = Files.walk(MANIFESTS.resolve("mesh"));
                Stream<Path> cluster = Files.walk(MANIFESTS.resolve("cluster"))) {
            return Stream.concat(mesh, cluster)
                    .filter(file -> file.toString().endsWith(".yaml"))
                    // istiod's own configuration is no object of Kubernetes.
                    .filter(file -> !file.endsWith("mesh.yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifest_isTakenByAnApiServer_withEveryField(Path manifest) throws Exception {
        api.check(Files.readString(manifest));
    }

    @Test
    void manifestWithAFieldThatDoesNotExist_isRefused() throws Exception {
        String web = Files.readString(MANIFESTS.resolve("cluster/web.yaml"));
        assertThatThrownBy(() -> api.check(web.replace("serviceAccountName:", "serviceAccuontName:")))
                .isInstanceOf(KubernetesException.class)
                .hasMessageContaining("serviceAccuontName");
    }

    private static Map<?, ?> template(String file, String deployment) throws IOException {
        for (Object document : new Load(LoadSettings.builder().build())
                .loadAllFromString(Files.readString(MANIFESTS.resolve("cluster").resolve(file)))) {
            Map<?, ?> object = (Map<?, ?>) document;
            if (object.get("metadata") instanceof Map<?, ?> metadata
                    && deployment.equals(metadata.get("name"))
                    && object.get("spec") instanceof Map<?, ?> spec
                    && spec.get("template") instanceof Map<?, ?> template) {
                return template;
            }
        }
        throw new IllegalArgumentException("no Deployment " + deployment + " in " + file);
    }

    private static IstioSource source(
            Map<?, ?> template, String name, String address, Map<String, String> labels, Path root) throws Exception {
        // istiod makes it when it has seen the namespace.
        eventually(() -> assertThatCode(() -> api.get(
                        "{apiVersion: v1, kind: ConfigMap, metadata: {namespace: shop, name: istio-ca-root-cert}}"))
                .doesNotThrowAnyException());
        MountedPod pod = MountedPod.of(api, template, SHOP, name, address, labels, root);
        return IstioSource.builder()
                .environment(pod.environment())
                .root(pod.root())
                .build();
    }

    /** Nothing is said to it: what the manifest mounts and sets is enough. */
    @Test
    void web_asItsManifestHasIt_isAWorkloadOfTheMesh(@TempDir Path root) throws Exception {
        IstioSource source = source(template("web.yaml", "web"), "web-6f7d9c5b8-x2x4q", "127.0.53.1", Map.of(), root);
        assertThat(source.servers()).extracting(XdsServer::target).containsExactly("istiod.istio-system.svc:15012");
        assertThat(source.node().id()).isEqualTo("sidecar~127.0.53.1~web-6f7d9c5b8-x2x4q.shop~shop.svc.cluster.local");
        try (Mesh mesh = Mesh.builder().source(source).build()) {
            mesh.awaitReady(PATIENCE);
            assertThat(mesh.status().connected()).isTrue();
        }
    }

    @Test
    void reviews_asItsManifestHasIt_isAWorkloadOfTheMesh(@TempDir Path root) throws Exception {
        IstioSource source =
                source(template("reviews.yaml", "reviews-v2"), "reviews-v2-7b-abcde", "127.0.53.2", Map.of(), root);
        assertThat(String.valueOf(source.node().metadata().get("LABELS")))
                .contains("app=reviews", "version=v2", "security.istio.io/tlsMode=istio");
        try (Mesh mesh = Mesh.builder().source(source).build()) {
            mesh.awaitReady(PATIENCE);
            assertThat(mesh.snapshot().inbound()).containsKey("virtualInbound");
        }
    }

    @Test
    void podOfARevision_isConfiguredByTheIstiodOfThatRevision(@TempDir Path root) throws Exception {
        String service = """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: release, namespace: shop}
                spec:
                  hosts: [release.shop.svc.cluster.local]
                  addresses: [240.240.53.1]
                  resolution: STATIC
                  ports: [{number: 9080, name: http, protocol: HTTP}]
                """;
        api.apply(service);
        api.apply(ROUTES.replace("$WORD", "stable").replace("$LABELS", "istio.io/rev: stable"));
        api.apply(ROUTES.replace("$WORD", REVISION).replace("$LABELS", "istio.io/rev: " + REVISION));
        IstioSource source = source(
                template("web.yaml", "web"),
                "web-6f7d9c5b8-canar",
                "127.0.53.3",
                Map.of("istio.io/rev", REVISION),
                root);
        assertThat(source.servers())
                .extracting(XdsServer::target)
                .containsExactly("istiod-canary.istio-system.svc:15012");
        try (Mesh mesh = Mesh.builder().source(source).build();
                MeshTls tls = MeshTls.create(mesh.secrets(), TlsOptions.DEFAULT)) {
            mesh.awaitReady(PATIENCE);
            MeshHttpClient client = MeshHttpClient.newBuilder(mesh).meshTls(tls).build();
            eventually(() -> {
                HttpResponse<String> response = client.send(
                        HttpRequest.newBuilder(URI.create("http://release:9080/"))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(response.body()).isEqualTo(REVISION);
            });
            client.shutdownNow();
        }
    }
}
