package io.inmesh.xds.istio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.SecretName;
import io.inmesh.snapshot.Dialect.Binding;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import io.inmesh.xds.protocol.XdsTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who a process is and where its istiod is, by what it finds around it. */
class IstioNodeTest {
    private static final String CLAIMS = """
            {"aud":["istio-ca"],"exp":4102444800,"sub":"system:serviceaccount:shop:web-account","kubernetes.io":{"namespace":"shop",
             "node":{"name":"node-7"},"pod":{"name":"web-7d9f8c6b5-x2x4q","uid":"1"},"serviceaccount":{"name":"web-account","uid":"2"}}}
            """;

    private final Path root;
    private final Map<String, String> environment = new HashMap<>();

    IstioNodeTest(@TempDir Path root) throws IOException {
        this.root = root;
        put("var/run/secrets/istio/root-cert.pem", "roots");
        put("var/run/secrets/tokens/istio-token", token(CLAIMS));
    }

    @Test
    void node_tokenOnly_namesEverything() throws IOException {
        put(
                "etc/istio/pod/labels",
                "app=\"web\"\npod-template-hash=\"7d9f8c6b5\"\ntopology.kubernetes.io/zone=\"eu-a\"\n");
        put("etc/resolv.conf", "nameserver 10.0.0.10\nsearch shop.svc.mesh.local svc.mesh.local mesh.local\n");
        XdsNode node = node(builder().addresses("10.1.2.3", "fd00::3"));
        assertThat(node.id()).isEqualTo("sidecar~10.1.2.3~web-7d9f8c6b5-x2x4q.shop~shop.svc.mesh.local");
        assertThat(node.cluster()).isEqualTo("web.shop");
        assertThat(node.zone()).isEqualTo("eu-a");
        assertThat(node.metadata())
                .containsOnly(
                        Map.entry("NAME", "web-7d9f8c6b5-x2x4q"),
                        Map.entry("NAMESPACE", "shop"),
                        Map.entry("SERVICE_ACCOUNT", "web-account"),
                        Map.entry("NODE_NAME", "node-7"),
                        Map.entry("WORKLOAD_NAME", "web"),
                        Map.entry("OWNER", "kubernetes://apis/apps/v1/namespaces/shop/deployments/web"),
                        Map.entry("LABELS", Map.of("app", "web", "topology.kubernetes.io/zone", "eu-a")),
                        Map.entry("INSTANCE_IPS", "10.1.2.3,fd00::3"),
                        Map.entry("CLUSTER_ID", "Kubernetes"),
                        Map.entry("ISTIO_VERSION", "1.31.0"),
                        Map.entry("INTERCEPTION_MODE", "REDIRECT"),
                        Map.entry("DNS_CAPTURE", "true"),
                        Map.entry("DNS_AUTO_ALLOCATE", "true"),
                        Map.entry("DISABLE_HBONE_SEND", "true"));
    }

    @Test
    void node_environmentOfAnInjectedPod_goesBeforeTheToken() {
        environment.putAll(Map.of(
                "POD_NAME", "orders-0",
                "POD_NAMESPACE", "orders",
                "SERVICE_ACCOUNT", "orders",
                "INSTANCE_IP", "10.9.9.9",
                "ISTIO_META_CLUSTER_ID", "c1",
                "ISTIO_META_NETWORK", "n1",
                "ISTIO_META_MESH_ID", "m1",
                "ISTIO_META_INTERCEPTION_MODE", "NONE",
                "ISTIO_META_DNS_CAPTURE", "false"));
        environment.putAll(Map.of(
                "ISTIO_META_GENERATOR", "grpc",
                "ISTIO_METAJSON_LABELS", "{\"app\": \"orders\", \"version\": \"v2\"}",
                "ISTIO_METAJSON_MORE", "{\"POD_PORTS\": \"[]\"}",
                "PROXY_CONFIG",
                        "{\"discoveryAddress\": \"istiod-canary.istio-system.svc:15012\", \"concurrency\": 2}"));
        XdsNode node = node(builder());
        assertThat(node.id()).startsWith("sidecar~10.9.9.9~orders-0.orders~orders.svc.");
        assertThat(String.valueOf(node.metadata().get("INSTANCE_IPS"))).startsWith("10.9.9.9");
        assertThat(node.metadata())
                .containsEntry("CLUSTER_ID", "c1")
                .containsEntry("NETWORK", "n1")
                .containsEntry("MESH_ID", "m1")
                .containsEntry("INTERCEPTION_MODE", "REDIRECT")
                .containsEntry("DNS_CAPTURE", "false")
                .containsEntry("POD_PORTS", "[]")
                .containsEntry("LABELS", Map.of("app", "orders", "version", "v2"))
                .containsEntry(
                        "PROXY_CONFIG",
                        Map.of("discoveryAddress", "istiod-canary.istio-system.svc:15012", "concurrency", 2))
                .doesNotContainKeys("GENERATOR", "app");
    }

    @Test
    void node_network_isThatOfTheLabelUnlessTheEnvironmentSaysAnother() throws IOException {
        put("etc/istio/pod/labels", "topology.istio.io/network=\"n2\"\n");
        assertThat(node(builder()).metadata()).containsEntry("NETWORK", "n2");
        environment.put("ISTIO_META_NETWORK", "n1");
        assertThat(node(builder()).metadata()).containsEntry("NETWORK", "n1");
        assertThat(node(builder().network("n3")).metadata()).containsEntry("NETWORK", "n3");
    }

    @Test
    void node_virtualMachine_readsWhatIstioctlHasWritten() throws IOException {
        put("var/lib/istio/envoy/cluster.env", """
                ISTIO_NAMESPACE='vm'
                ISTIO_SVC_IP='192.168.1.5'
                SERVICE_ACCOUNT='vm-account'
                ISTIO_META_AUTO_REGISTER_GROUP='vms'
                """);
        put("etc/istio/config/mesh", """
                trustDomain: td
                defaultConfig:
                  discoveryAddress: istiod-1.istio-system.svc:15012
                  proxyMetadata:
                    ISTIO_META_WORKLOAD_NAME: vms
                    ISTIO_METAJSON_LABELS: '{"app":"vm"}'
                """);
        XdsNode node = node(builder().name("host-1"));
        assertThat(node.id()).startsWith("sidecar~192.168.1.5~host-1.vm~vm.svc.");
        assertThat(node.metadata())
                .containsEntry("AUTO_REGISTER_GROUP", "vms")
                .containsEntry("WORKLOAD_NAME", "vms")
                .containsEntry("SERVICE_ACCOUNT", "vm-account")
                .containsEntry("LABELS", Map.of("app", "vm"));
        assertThat(server(builder()).target()).isEqualTo("istiod-1.istio-system.svc:15012");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                                          | istiod.istio-system.svc:15012",
                "label istio.io/rev=canary                                 | istiod-canary.istio-system.svc:15012",
                "label istio.io/rev=default                                | istiod.istio-system.svc:15012",
                "file discoveryAddress: a:1                                | a:1",
                "file discoveryAddress: a:1; env PROXY_CONFIG=discoveryAddress: b:2 | b:2",
                "env PROXY_CONFIG=discoveryAddress: b:2; annotation proxy.istio.io/config=discoveryAddress: c:3 | c:3",
                "annotation proxy.istio.io/config=discoveryAddress: c:3; annotation sidecar.istio.io/discoveryAddress=d:4 | d:4",
                "env PROXY_CONFIG=discoveryAddress: b:2; env PILOT_ADDRESS=e:5 | e:5",
                "env PILOT_ADDRESS=e:5; annotation proxy.istio.io/config=discoveryAddress: c:3 | c:3",
            })
    void address_whereItIsSaid_inTheAgentsOrder(String said, String expected) throws IOException {
        StringBuilder annotations = new StringBuilder();
        for (String each : said == null ? new String[0] : said.split("; ")) {
            String[] parts = each.strip().split("[ =]", 3);
            switch (parts[0]) {
                case "label" -> put("etc/istio/pod/labels", parts[1] + "=\"" + parts[2] + "\"");
                case "file" -> put("etc/istio/config/mesh", "defaultConfig: {discoveryAddress: '" + parts[2] + "'}");
                case "env" -> environment.put(parts[1], parts[2]);
                default -> annotations.append(parts[1] + "=\"" + parts[2] + "\"\n");
            }
        }
        put("etc/istio/pod/annotations", annotations.toString());
        XdsServer server = server(builder());
        assertThat(server.target()).isEqualTo(expected);
        assertThat(server.security()).isInstanceOf(Security.Chosen.class);
        assertThat(server.metadata()).containsEntry("clusterid", "Kubernetes");
        assertThat(server(builder().revision("r2")).target()).isEqualTo("istiod-r2.istio-system.svc:15012");
        assertThat(server(builder().istiod("own:1")).target()).isEqualTo("own:1");
    }

    @Test
    void build_nothingAround_oneErrorNamesAllThatIsMissingAndEveryWay(@TempDir Path empty) {
        assertThatThrownBy(() ->
                        IstioSource.builder().environment(Map.of()).root(empty).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "namespace is not known",
                        "POD_NAMESPACE",
                        "service account is not known",
                        "SERVICE_ACCOUNT",
                        "no root certificate",
                        "XDS_ROOT_CA",
                        "istio-ca-root-cert",
                        "Nothing shows istiod who this workload is",
                        "istio-ca at " + empty.resolve("var/run/secrets/tokens/istio-token"),
                        "PROV_CERT");
    }

    @Test
    void build_plaintextWithoutAnything_needsANamespaceOnlyAndHasNoSecrets(@TempDir Path empty) {
        try (IstioSource source = IstioSource.builder()
                .environment(Map.of("POD_NAMESPACE", "default"))
                .root(empty)
                .istiod("127.0.0.1:15010")
                .plaintext()
                .build()) {
            assertThat(source.secrets().provides(new SecretName("cluster:sds-grpc", "default")))
                    .isFalse();
            assertThat(source.dialect().name()).isEqualTo("istio");
            assertThat(source.node().metadata()).doesNotContainKey("SERVICE_ACCOUNT");
        }
    }

    @Test
    void build_meshWithoutTlsToIstiod_isPlaintext() throws IOException {
        put("etc/istio/config/mesh", "defaultConfig: {discoveryAddress: 'istiod:15010', controlPlaneAuthPolicy: NONE}");
        XdsServer server = server(builder());
        assertThat(server.security()).isInstanceOf(Security.Plaintext.class);
        assertThat(server.token()).isNull();
    }

    @Test
    void build_grpcGenerator_saysSoInTheNode() {
        try (IstioSource source = builder().grpcGenerator().build()) {
            assertThat(source.node().metadata()).containsEntry("GENERATOR", "grpc");
            assertThat(source.dialect().name()).isEqualTo("grpc");
            assertThat(source.servers().get(0).transport()).isEqualTo(XdsTransport.STATE_OF_THE_WORLD);
            assertThat(source.dialect().bind(MeshSnapshot.EMPTY, new BoundAddress("10.1.2.3", 8080)))
                    .isEqualTo(new Binding.Wanted(
                            ResourceKind.LISTENER.named("xds.istio.io/grpc/lds/inbound/10.1.2.3:8080")));
            assertThat(GrpcGenerator.warning()).contains("allows nothing allows everything");
        }
    }

    @Test
    void buildIfInPod_rootsOrTokenMissing_isEmpty() throws IOException {
        assertThat(builder().buildIfInPod()).hasValueSatisfying(IstioSource::close);
        Files.delete(root.resolve("var/run/secrets/tokens/istio-token"));
        assertThat(builder().buildIfInPod()).isEmpty();
    }

    private IstioSourceBuilder builder() {
        return IstioSource.builder().environment(environment).root(root);
    }

    private static XdsNode node(IstioSourceBuilder builder) {
        try (IstioSource source = builder.build()) {
            return source.node();
        }
    }

    private static XdsServer server(IstioSourceBuilder builder) {
        try (IstioSource source = builder.build()) {
            List<XdsServer> servers = source.servers();
            assertThat(servers).hasSize(1);
            return servers.get(0);
        }
    }

    private void put(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    static String token(String claims) {
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + ".c2ln\n";
    }
}
