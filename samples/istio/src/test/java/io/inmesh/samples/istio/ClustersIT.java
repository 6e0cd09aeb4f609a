package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Mesh;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.samples.istio.controlplane.RemoteCluster;
import io.inmesh.xds.istio.IstioSource;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A second Kubernetes cluster that the one istiod reads, too: its pods are endpoints, and its workloads have identities of the same mesh by tokens of its own. Its pods are on
 * loopback, where Kubernetes lets pods be but not the endpoints of a Service; so it is a ServiceEntry that selects them.
 */
@ExtendWith(RealIstio.class)
class ClustersIT {
    private static final String CLUSTER = "cluster2";
    private static final String MESH = "spiffe://cluster.local/ns/clusters/sa/";
    private static final String POD = """
            apiVersion: v1
            kind: Node
            metadata: {name: far-away, labels: {topology.kubernetes.io/region: far, topology.kubernetes.io/zone: far-a}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: flat-12, labels: {app: flat, at: second, security.istio.io/tlsMode: istio}}
            spec: {nodeName: far-away, serviceAccountName: flat, containers: [{name: flat, image: none}]}
            """;
    private static final String RUNNING = """
            apiVersion: v1
            kind: Pod
            metadata: {name: flat-12}
            status: {phase: Running, podIP: 127.0.51.12, podIPs: [{ip: 127.0.51.12}], conditions: [{type: Ready, status: "True"}]}
            """;

    /** The second cluster's pod alone. */
    private static final String DISTANT = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: distant}
            spec:
              hosts: [distant.NS.svc.cluster.local]
              exportTo: ["."]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 9080, name: http, protocol: HTTP, targetPort: 19080}]
              workloadSelector: {labels: {at: second}}
            """;

    private static Path tokens;
    private static TestNamespace namespace;
    private static LocalControlPlane controlPlane;
    private static RemoteCluster second;
    private static Pod web;

    @BeforeAll
    static void start(LocalControlPlane running, @TempDir Path folder) throws Exception {
        EastWestGateway.binary();
        controlPlane = running;
        tokens = folder;
        namespace = new TestNamespace(controlPlane, "clusters", 51);
        second = namespace.own(controlPlane.join(CLUSTER));
        second.api().namespace("clusters");
        second.api().in("clusters").apply(POD);
        second.api().in("clusters").applyStatus(RUNNING);
        namespace.service("flat");
        namespace.apply(DISTANT);
        instance();
        namespace.own(new EchoServer(namespace.pod("flat", 11), 19080));
        web = namespace.pod("web", 1);
        eventually(() -> assertThat(endpoints(web)).hasSize(2));
        namespace.own(new EchoServer(podOfSecond("flat", 12), 19080));
    }

    @AfterAll
    static void end() {
        if (namespace != null) {
            namespace.close();
        }
    }

    /** With a network, because one that has none is at home in every network. */
    private static void instance() throws IOException, InterruptedException {
        namespace.apply(TestNamespace.instanceYaml("flat", "v1", 11).replace("spec: {", "spec: {network: n1, "));
    }

    private static Pod podOfSecond(String account, int address) throws Exception {
        Path token = tokenOfSecond(account);
        return namespace.pod(
                account, address, source -> source.clusterId(CLUSTER).token(token));
    }

    private static Path tokenOfSecond(String account) throws IOException, InterruptedException {
        second.api().serviceAccount("clusters", account);
        Path token = Files.createTempFile(tokens, account, "");
        return Files.writeString(token, second.api().token("clusters", account, "istio-ca"));
    }

    private static List<String> endpoints(Pod pod) {
        return Endpoints.of(pod.mesh, "flat.clusters.svc.cluster.local");
    }

    private static Set<String> pods(Pod client, String expectedServer, int requests) throws Exception {
        Set<String> pods = new TreeSet<>();
        for (int i = 0; i < requests; i++) {
            HttpResponse<String> response = client.get("http://flat:9080/");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("x-caller")).contains(MESH + "web");
            assertThat(ReviewsCall.peer(response.sslSession().orElseThrow())).isEqualTo(expectedServer);
            response.headers().firstValue("x-pod").ifPresent(pods::add);
        }
        return pods;
    }

    @Test
    void podsOfBothClusters_areEndpoints_andKnownByCertificatesOfOneMesh() throws Exception {
        assertThat(pods(web, MESH + "flat", 40)).containsExactly(namespace.address(11), namespace.address(12));
    }

    @Test
    void clientOfTheSecondCluster_isKnownByAToken_thatItsOwnClusterHasGiven() throws Exception {
        Pod other = podOfSecond("web", 2);
        eventually(() -> assertThat(endpoints(other)).hasSize(2));
        assertThat(pods(other, MESH + "flat", 40)).containsExactly(namespace.address(11), namespace.address(12));
    }

    @Test
    void tokenOfAnotherClusterThanIsSaid_isRefused() throws Exception {
        Path token = tokenOfSecond("web");
        try (Mesh mesh = Mesh.builder()
                .source(IstioSource.builder()
                        .environment(Map.of())
                        .istiod(controlPlane.istiod())
                        .rootCertificates(controlPlane.roots())
                        .token(token)
                        .addresses(namespace.address(3))
                        .build())
                .build()) {
            eventually(
                    () -> assertThat(mesh.status().toString()).contains("UNAUTHENTICATED", "authentication failure"));
            assertThat(mesh.snapshot().clusters()).isEmpty();
        }
    }

    @Test
    void endpoint_saysWhereItIs() throws Exception {
        Endpoints.Place far = Endpoints.place(web.mesh, "flat.clusters.svc.cluster.local", namespace.address(12));
        assertThat(far.workload()).isEqualTo("flat-12;clusters;flat;;cluster2");
        assertThat(far.region()).isEqualTo("far");
        assertThat(far.zone()).isEqualTo("far-a");
        assertThat(Endpoints.place(web.mesh, "flat.clusters.svc.cluster.local", namespace.address(11))
                        .workload())
                .endsWith(";Kubernetes");
    }

    @Test
    void serviceOfBothClusters_hasTheEndpointsOfBoth() throws Exception {
        String service = """
                apiVersion: v1
                kind: Service
                metadata: {name: shared}
                spec: {selector: {app: shared}, ports: [{name: http, port: 9080, targetPort: 19080}]}
                """;
        namespace.apply(service);
        namespace.start("shared", "v1", 13);
        second.api().in("clusters").apply(service + """
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: shared-1, labels: {kubernetes.io/service-name: shared}}
                addressType: IPv4
                ports: [{name: http, port: 19080}]
                endpoints: [{addresses: [10.244.1.7], conditions: {ready: true}}]
                """);
        eventually(() -> assertThat(Endpoints.of(web.mesh, "shared.clusters.svc.cluster.local"))
                .containsExactlyInAnyOrder(
                        namespace.address(13) + ":19080 weight 1 priority 0", "10.244.1.7:19080 weight 1 priority 0"));
        second.api().in("clusters").delete(service);
        eventually(() -> assertThat(Endpoints.of(web.mesh, "shared.clusters.svc.cluster.local"))
                .containsExactly(namespace.address(13) + ":19080 weight 1 priority 0"));
        assertThat(web.get("http://shared:9080/").headers().firstValue("x-caller"))
                .contains(MESH + "web");
    }

    @Test
    void ownCluster_goesFirstIfTheRuleSaysSo_andTheOtherTakesOver() throws Exception {
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: flat}
                spec:
                  host: flat.NS.svc.cluster.local
                  trafficPolicy:
                    outlierDetection: {consecutive5xxErrors: 1000}
                    loadBalancer: {localityLbSetting: {enabled: true, failoverPriority: [topology.istio.io/cluster]}}
                """;
        namespace.during(rule, () -> {
            namespace.settle(web);
            assertThat(pods(web, MESH + "flat", 20)).containsExactly(namespace.address(11));
            namespace.delete(TestNamespace.instanceYaml("flat", "v1", 11));
            try {
                namespace.settle(web);
                assertThat(pods(web, MESH + "flat", 20)).containsExactly(namespace.address(12));
            } finally {
                instance();
            }
        });
        namespace.settle(web);
        eventually(() -> assertThat(endpoints(web)).hasSize(2));
    }

    /** The network of a cluster is a label of its istio-system; its gateway is a Service there. */
    @Test
    void clusterOfAnotherNetwork_isReachedThroughItsGateway() throws Exception {
        String system = "apiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system, labels: {LABEL}}\n";
        second.api().apply(system.replace("LABEL", "topology.istio.io/network: n4"));
        try (EastWestGateway gateway = new EastWestGateway(namespace, second.api(), CLUSTER, "n4", 50, "distant")) {
            Pod near = namespace.pod("web", 4, source -> source.network("n1"));
            eventually(() -> assertThat(Endpoints.of(near.mesh, "distant.clusters.svc.cluster.local"))
                    .containsExactly(gateway.address() + " weight 1 priority 0"));
            eventually(() -> {
                HttpResponse<String> response = near.get("http://distant:9080/");
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.headers().firstValue("x-pod")).contains(namespace.address(12));
                assertThat(response.headers().firstValue("x-caller")).contains(MESH + "web");
                assertThat(ReviewsCall.peer(response.sslSession().orElseThrow()))
                        .isEqualTo(MESH + "flat");
            });
        } finally {
            second.api().apply(system.replace("LABEL", ""));
        }
        eventually(() -> assertThat(endpoints(web)).contains(namespace.address(12) + ":19080 weight 1 priority 0"));
    }
}
