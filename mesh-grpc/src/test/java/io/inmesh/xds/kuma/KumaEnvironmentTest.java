package io.inmesh.xds.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.xds.XdsSourceProvider;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KumaEnvironmentTest {
    private static final String PIN = "00".repeat(32);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    private final Map<String, String> variables = new HashMap<>(Map.of("KUMA_CONTROL_PLANE_CA_CERT_FILE", "ca.crt"));

    private KumaSourceBuilder builder() {
        return KumaSource.builder(variables::get);
    }

    private static List<XdsServer> servers(KumaSource source) {
        return source.servers();
    }

    @Test
    void kumaDpsVariables_giveTheNode_theServer_theToken() {
        variables.put("KUMA_CONTROL_PLANE_URL", "https://kuma-cp.example:15678/");
        variables.put("KUMA_DATAPLANE_MESH", "shop");
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        variables.put("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", "/run/token");
        try (KumaSource source = builder().workload("web").build()) {
            assertThat(source.nodeId()).isEqualTo("shop.web-1");
            assertThat(source.dialect().name()).isEqualTo("kuma");
            assertThat(servers(source)).singleElement().satisfies(server -> {
                assertThat(server.target()).isEqualTo("kuma-cp.example:15678");
                assertThat(server.token()).isEqualTo(TokenFile.raw(Path.of("/run/token")));
                assertThat(server.transport()).isEqualTo(XdsTransport.INCREMENTAL);
                assertThat(server.habits()).isEqualTo(XdsServer.Habits.KUMA);
            });
        }
    }

    @Test
    void defaults_areKumaDps() {
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        try (KumaSource source = builder().build()) {
            assertThat(source.nodeId()).isEqualTo("default.web-1");
            assertThat(servers(source).get(0).target()).isEqualTo("localhost:5678");
            assertThat(servers(source).get(0).token()).isNull();
        }
    }

    @Test
    void kubernetes_isThePod_withItsServiceAccountsToken() {
        variables.put("KUBERNETES_SERVICE_HOST", "10.96.0.1");
        variables.put("POD_NAME", "web-7f");
        variables.put("POD_NAMESPACE", "shop");
        variables.put("KUMA_DATAPLANE_NAME", "$(POD_NAME).$(POD_NAMESPACE)");
        try (KumaSource source = builder().build()) {
            assertThat(source.nodeId()).isEqualTo("default.web-7f.shop");
            assertThat(servers(source).get(0).token())
                    .isEqualTo(TokenFile.raw(Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token")));
        }
    }

    @Test
    void builder_goesBeforeTheEnvironment() {
        variables.put("KUMA_CONTROL_PLANE_URL", "https://kuma-cp.example:5678");
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        variables.put("KUMA_DATAPLANE_RUNTIME_TOKEN", "told");
        try (KumaSource source = builder()
                .controlPlane("other:5678")
                .dataplane("web-2")
                .token(Path.of("mine"))
                .build()) {
            assertThat(source.nodeId()).isEqualTo("default.web-2");
            assertThat(servers(source)).singleElement().satisfies(server -> {
                assertThat(server.target()).isEqualTo("other:5678");
                assertThat(server.metadata()).isEmpty();
                assertThat(server.token()).isEqualTo(TokenFile.raw(Path.of("mine")));
            });
        }
    }

    @Test
    void token_asText_isSentAsItIs_andNotShown() {
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        variables.put("KUMA_DATAPLANE_RUNTIME_TOKEN", "eyJ.secret\n");
        try (KumaSource source = builder().build()) {
            assertThat(servers(source).get(0).metadata()).containsEntry("authorization", "eyJ.secret");
            assertThat(servers(source).get(0).toString()).doesNotContain("eyJ");
        }
    }

    @Test
    void resource_isBrought_andSaysWhoThisIs() throws IOException {
        Path resource = Files.writeString(folder.resolve("dp.yaml"), """
                type: Dataplane
                mesh: shop
                name: batch-1
                labels:
                  kuma.io/workload: batch
                networking:
                  address: 127.0.0.9
                """);
        variables.put("KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH", resource.toString());
        try (KumaSource source = builder().build()) {
            assertThat(source.nodeId()).isEqualTo("shop.batch-1");
            assertThat(source.node().cluster()).isEqualTo("batch");
            assertThat(source.node().metadata().get("dataplane.resource"))
                    .asString()
                    .contains("name: batch-1");
        }
        variables.put("KUMA_DATAPLANE_NAME", "another");
        assertThatThrownBy(() -> builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'batch-1'")
                .hasMessageContaining("'another'");
    }

    @Test
    void tokenAndItsFile_theTextCounts_asForKumaDp() {
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        variables.put("KUMA_DATAPLANE_RUNTIME_TOKEN", "told");
        variables.put("KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", "/run/token");
        try (KumaSource source = builder().build()) {
            assertThat(servers(source).get(0).token()).isNull();
            assertThat(servers(source).get(0).metadata()).containsEntry("authorization", "told");
        }
    }

    @Test
    void pin_takesThePlaceOfTheEnvironmentsRoots() {
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        try (KumaSource source = builder().tls(tls -> tls.pinCertificate(PIN)).build()) {
            XdsServer.Security.Tls tls =
                    (XdsServer.Security.Tls) servers(source).get(0).security();
            assertThat(tls.settings())
                    .hasToString(ControlPlaneTls.to("localhost:5678")
                            .pinCertificate(PIN)
                            .settings()
                            .toString());
        }
    }

    @Test
    void node_alwaysHasTheVersionThatKumaCpDereferences() {
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        try (KumaSource source = builder().feature("feature-embedded-dns").build()) {
            assertThat(source.node().metadata())
                    .containsEntry("dataplane.proxyType", "dataplane")
                    .containsEntry("dataplane.dns.port", "15053")
                    .containsEntry("features", List.of("feature-embedded-dns"))
                    .doesNotContainKey("dataplane.resource")
                    .doesNotContainKey("dataplane.admin.port");
            assertThat(source.node().metadata().get("version"))
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                    .containsKey("kumaDp");
        }
    }

    @Test
    void mistakes_nameWhatIsExpected() {
        assertThatThrownBy(() -> builder().build()).hasMessageContaining("KUMA_DATAPLANE_NAME");
        assertThatThrownBy(() -> builder().dataplane("a").mesh("a.b").build()).hasMessageContaining("without dots");
        variables.put("KUMA_CONTROL_PLANE_URL", "grpc://kuma-cp");
        assertThatThrownBy(this::builder)
                .hasMessageContaining("KUMA_CONTROL_PLANE_URL")
                .hasMessageContaining("https://HOST:5678");
        variables.clear();
        variables.put("KUMA_DATAPLANE_RUNTIME_RESOURCE", "type: Dataplane\nmesh: m\nname: {{ name }}");
        assertThatThrownBy(this::builder).hasMessageContaining("variables");
        variables.put("KUMA_DATAPLANE_RUNTIME_RESOURCE", "type: ZoneIngress\nname: x");
        assertThatThrownBy(this::builder).hasMessageContaining("ZoneIngress");
    }

    @Test
    void nobodyTrusted_isNotDialled() {
        variables.clear();
        variables.put("KUMA_DATAPLANE_NAME", "web-1");
        assertThatThrownBy(() -> builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("KUMA_CONTROL_PLANE_CA_CERT_FILE")
                .hasMessageContaining("pin");
        try (KumaSource source = builder().tls(tls -> tls.pinCertificate(PIN)).build()) {
            assertThat(source.nodeId()).isEqualTo("default.web-1");
        }
    }

    @Test
    void provider_isForTheServiceLoader() {
        assertThat(new XdsSourceProvider().hint()).contains("INMESH_XDS_DIALECT=kuma");
    }
}
