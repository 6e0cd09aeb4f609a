package io.inmesh.samples.istio;

import static io.inmesh.samples.istio.TestNamespace.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.ResponseFlag;
import io.inmesh.http.MeshHttpResponse;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several networks: what is in another one is reached through its gateway, which sees nothing but server names, and is known by its own certificate. */
@ExtendWith(RealIstio.class)
class NetworksIT {
    private static final String MESH = "spiffe://cluster.local/ns/networks/sa/";

    private static TestNamespace namespace;
    private static EastWestGateway gateway;
    private static Pod web;
    private static Pod neighbour;

    @BeforeAll
    static void start(LocalControlPlane controlPlane) throws Exception {
        EastWestGateway.binary();
        namespace = new TestNamespace(controlPlane, "networks", 50);
        for (String service : new String[] {"far", "both", "clear", "thief", "lonely"}) {
            namespace.service(service);
        }
        server("far", 11, "n2");
        server("both", 12, "n1");
        server("both", 13, "n2");
        server("both", 14, "n2");
        server("clear", 15, "n2");
        server("lonely", 17, "n3");
        // An instance of the service says that it is "thief", and has the certificate of "somebody".
        instance("thief", 16, "n2");
        namespace.own(new EchoServer(pod("somebody", 16, "n2"), 19080));
        gateway = namespace.own(new EastWestGateway(
                namespace, controlPlane.api(), "Kubernetes", "n2", 50, "far", "both", "clear", "thief"));
        web = pod("web", 1, "n1");
        neighbour = pod("web", 2, "n2");
        namespace.settle(web, neighbour);
    }

    @AfterAll
    static void end() {
        if (namespace != null) {
            namespace.close();
        }
    }

    private static Pod pod(String account, int address, String network) throws Exception {
        return namespace.pod(account, address, source -> source.network(network));
    }

    private static void instance(String service, int address, String network) throws Exception {
        namespace.apply(instanceYaml(service, address, network));
    }

    private static String instanceYaml(String service, int address, String network) {
        return TestNamespace.instanceYaml(service, "v1", address)
                .replace("spec: {", "spec: {network: " + network + ", ");
    }

    private static EchoServer server(String service, int address, String network) throws Exception {
        instance(service, address, network);
        return namespace.own(new EchoServer(pod(service, address, network), 19080));
    }

    private static List<String> endpoints(Pod pod, String service) {
        return Endpoints.of(pod.mesh, service + ".networks.svc.cluster.local");
    }

    @Test
    void otherNetwork_isReachedThroughItsGateway_andEachEndKnowsTheOther() throws Exception {
        eventually(() -> {
            HttpResponse<String> response = web.get("http://far:9080/");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("x-caller")).contains(MESH + "web");
            assertThat(response.headers().firstValue("x-pod")).contains(namespace.address(11));
            assertThat(ReviewsCall.peer(response.sslSession().orElseThrow())).isEqualTo(MESH + "far");
        });
        assertThat(endpoints(web, "far")).containsExactly(gateway.address() + " weight 1 priority 0");
        assertThat(endpoints(neighbour, "far")).containsExactly(namespace.address(11) + ":19080 weight 1 priority 0");
        assertThat(neighbour.get("http://far:9080/").statusCode()).isEqualTo(200);
    }

    @Test
    void bothNetworks_shareByWhatIsBehindTheGateway() throws Exception {
        assertThat(endpoints(web, "both"))
                .containsExactlyInAnyOrder(
                        namespace.address(12) + ":19080 weight 1 priority 0",
                        gateway.address() + " weight 2 priority 0");
        assertThat(endpoints(neighbour, "both"))
                .hasSize(3)
                .contains(namespace.address(12) + ":19080 weight 1 priority 0");
        eventually(() -> assertThat(throughTheGateway(60)).isBetween(30, 50));
    }

    /** How many of so many requests leave their network. */
    private static int throughTheGateway(int requests) throws Exception {
        int through = 0;
        for (int i = 0; i < requests; i++) {
            HttpResponse<String> response = web.get("http://both:9080/");
            assertThat(response.statusCode())
                    .as(() -> MeshHttpResponse.of(response).mesh().toString())
                    .isEqualTo(200);
            through +=
                    MeshHttpResponse.of(response).mesh().toString().contains("endpoint " + gateway.address()) ? 1 : 0;
        }
        return through;
    }

    /** The gateway goes by the server name of TLS, so istiod leaves out what would come without. In their own network they are spoken to in the clear. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            WorkloadEntry      | networking.istio.io/v1 | {network: n2, address: NET.15, labels: {app: clear, security.istio.io/tlsMode: disabled}}
            PeerAuthentication | security.istio.io/v1   | {selector: {matchLabels: {app: clear}}, mtls: {mode: DISABLE}}
            DestinationRule    | networking.istio.io/v1 | {host: clear.NS.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
            """)
    void endpointOfAnotherNetworkWithoutMeshTls_isLeftOut(String kind, String version, String spec) throws Exception {
        String yaml = """
                apiVersion: VERSION
                kind: KIND
                metadata: {name: clear-15}
                spec: SPEC
                """.replace("VERSION", version).replace("KIND", kind).replace("SPEC", spec);
        try {
            namespace.during(yaml, () -> {
                namespace.settle(web, neighbour);
                assertThat(endpoints(web, "clear")).isEmpty();
                HttpResponse<String> refused = web.get("http://clear:9080/");
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(MeshHttpResponse.of(refused).mesh().flags()).contains(ResponseFlag.NO_HEALTHY_UPSTREAM);
                HttpResponse<String> near = neighbour.get("http://clear:9080/");
                assertThat(near.statusCode()).isEqualTo(200);
                assertThat(near.headers().firstValue("x-caller")).contains("nobody");
            });
        } finally {
            instance("clear", 15, "n2");
        }
        namespace.settle(web);
        eventually(() -> assertThat(web.get("http://clear:9080/").headers().firstValue("x-caller"))
                .contains(MESH + "web"));
    }

    @Test
    void serverBehindAGatewayThatIsSomebodyElse_isNotBelieved() throws Exception {
        HttpResponse<String> response = web.get("http://thief:9080/");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(MeshHttpResponse.of(response).mesh().toString())
                .contains("no_name_of_the_certificate_is_an_accepted_one");
    }

    @Test
    void networkWithoutAGateway_isReachedAsIfThereWereNone() throws Exception {
        assertThat(endpoints(web, "lonely")).containsExactly(namespace.address(17) + ":19080 weight 1 priority 0");
        assertThat(web.get("http://lonely:9080/").headers().firstValue("x-caller"))
                .contains(MESH + "web");
    }

    /** What a workload does not say istiod cannot take into account: it leads to every network through its gateway. */
    @Test
    void networkOfTheWorkload_isThatOfItsLabel_andUnsaidItIsNone() throws Exception {
        Pod labelled = namespace.pod("web", 3, source -> source.label("topology.istio.io/network", "n2"));
        assertThat(endpoints(labelled, "far")).containsExactly(namespace.address(11) + ":19080 weight 1 priority 0");
        Pod silent = namespace.pod("web", 4);
        assertThat(endpoints(silent, "far")).containsExactly(gateway.address() + " weight 1 priority 0");
        eventually(() -> assertThat(silent.get("http://far:9080/").statusCode()).isEqualTo(200));
    }

    @Test
    void ownNetwork_goesFirstIfTheRuleSaysSo_andTheOtherTakesOver() throws Exception {
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: both}
                spec:
                  host: both.NS.svc.cluster.local
                  trafficPolicy:
                    outlierDetection: {consecutive5xxErrors: 1000}
                    loadBalancer: {localityLbSetting: {enabled: true, failoverPriority: [topology.istio.io/network]}}
                """;
        namespace.during(rule, () -> {
            namespace.settle(web);
            assertThat(endpoints(web, "both"))
                    .containsExactlyInAnyOrder(
                            namespace.address(12) + ":19080 weight 1 priority 0",
                            gateway.address() + " weight 2 priority 1");
            eventually(() -> assertThat(throughTheGateway(30)).isZero());
            namespace.delete(instanceYaml("both", 12, "n1"));
            try {
                namespace.settle(web);
                // The gateway has heard of it when it has heard of it.
                eventually(() -> assertThat(throughTheGateway(30)).isEqualTo(30));
            } finally {
                instance("both", 12, "n1");
            }
        });
        namespace.settle(web);
    }
}
