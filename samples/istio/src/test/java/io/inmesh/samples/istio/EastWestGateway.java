package io.inmesh.samples.istio;

import io.inmesh.samples.istio.controlplane.Daemon;
import io.inmesh.samples.istio.controlplane.KubernetesApi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The east-west gateway of a network: a real Envoy that istiod configures as it configures Istio's own gateways, and a Service by which istiod knows its address. Envoy as it
 * is distributed lacks the filter {@code istio.metadata_exchange}, which istiod gives to each cluster; so an EnvoyFilter puts clusters without it in their place. Which
 * connections are taken, by their SNI and ALPN, and where they go is what istiod says.
 *
 * <p>The Envoy is the one that {@code INMESH_ENVOY} names; without it the tests are skipped, or fail if {@code CI} is true.
 */
final class EastWestGateway implements AutoCloseable {
    static final int PORT = 15443;

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: eastwest-NETWORK, namespace: NS, labels: {topology.istio.io/network: NETWORK}}
            spec: {type: LoadBalancer, ports: [{name: tls, port: 15443}]}
            """;
    private static final String STATUS = """
            apiVersion: v1
            kind: Service
            metadata: {name: eastwest-NETWORK, namespace: NS}
            status: {loadBalancer: {ingress: [{ip: ADDRESS}]}}
            """;
    private static final String GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: eastwest-NETWORK, namespace: NS}
            spec:
              selector: {istio: eastwest-NETWORK}
              servers: [{port: {number: 15443, name: tls, protocol: TLS}, bind: ADDRESS, tls: {mode: AUTO_PASSTHROUGH}, hosts: ["*.local"]}]
            ---
            apiVersion: networking.istio.io/v1alpha3
            kind: EnvoyFilter
            metadata: {name: eastwest-NETWORK, namespace: NS}
            spec:
              workloadSelector: {labels: {istio: eastwest-NETWORK}}
              configPatches:
              - {applyTo: CLUSTER, match: {context: GATEWAY}, patch: {operation: REMOVE}}
            """;
    private static final String CLUSTER = """
              - applyTo: CLUSTER
                match: {context: GATEWAY}
                patch:
                  operation: ADD
                  value:
                    name: outbound_.9080_._.HOST.NS.svc.cluster.local
                    type: EDS
                    connect_timeout: 5s
                    eds_cluster_config: {eds_config: {ads: {}, initial_fetch_timeout: 0s, resource_api_version: V3}}
            """;
    private static final String BOOTSTRAP = """
            node:
              id: router~ADDRESS~eastwest.NS~NS.svc.cluster.local
              cluster: eastwest
              metadata: {NAME: eastwest, NAMESPACE: NS, LABELS: {istio: eastwest-NETWORK}, NETWORK: NETWORK, CLUSTER_ID: CLUSTER, INSTANCE_IPS: ADDRESS}
            dynamic_resources:
              ads_config: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
              cds_config: {ads: {}, initial_fetch_timeout: 0s, resource_api_version: V3}
              lds_config: {ads: {}, initial_fetch_timeout: 0s, resource_api_version: V3}
            static_resources:
              clusters:
              - name: xds
                type: STATIC
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: {http2_protocol_options: {}}
                load_assignment: {cluster_name: xds, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: XDS}}}}]}]}
            """;

    private final TestNamespace namespace;
    private final KubernetesApi cluster;
    private final String network;
    private final String address;
    private final Path folder;
    private final Daemon envoy;

    /**
     * Starts one, which is there when it takes connections.
     *
     * @param cluster   the one that the network is of, which has its Service
     * @param clusterId its name
     * @param hosts     the services that it leads to
     */
    EastWestGateway(
            TestNamespace namespace, KubernetesApi cluster, String clusterId, String network, int host, String... hosts)
            throws IOException, InterruptedException {
        this.namespace = namespace;
        this.cluster = cluster;
        this.network = network;
        this.address = namespace.address(host);
        cluster.apply(expand(SERVICE));
        cluster.applyStatus(expand(STATUS));
        namespace.apply(expand(GATEWAY
                + Stream.of(hosts).map(each -> CLUSTER.replace("HOST", each)).collect(Collectors.joining())));
        folder = Files.createTempDirectory("eastwest");
        String istiod = namespace.controlPlane.istiodInTheClear();
        Files.writeString(
                folder.resolve("envoy.yaml"),
                expand(BOOTSTRAP)
                        .replace("CLUSTER_ID: CLUSTER", "CLUSTER_ID: " + clusterId)
                        .replace("XDS", istiod.substring(istiod.indexOf(':') + 1)));
        envoy = Daemon.start(
                "envoy",
                folder,
                Map.of(),
                List.of(binary(), "-c", "envoy.yaml", "--concurrency", "1", "--use-dynamic-base-id", "-l", "warning"));
        try {
            envoy.awaitReady(this::listens);
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    private String expand(String yaml) {
        return yaml.replaceAll("\\bNS\\b", namespace.name)
                .replace(": NETWORK", ": " + network)
                .replace("-NETWORK", "-" + network)
                .replace("ADDRESS", address);
    }

    private boolean listens() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, PORT), 1000);
            return true;
        }
    }

    /** The Envoy of these tests; skips them where there is none. */
    static String binary() {
        String binary = System.getenv("INMESH_ENVOY");
        if (binary == null && Boolean.parseBoolean(System.getenv("CI"))) {
            throw new IllegalStateException("INMESH_ENVOY is not set: a gateway between networks is an Envoy");
        }
        Assumptions.assumeTrue(binary != null, "a gateway between networks is an Envoy, which INMESH_ENVOY names");
        return String.valueOf(binary);
    }

    /** Where its clients find it. */
    String address() {
        return address + ":" + PORT;
    }

    @Override
    public void close() throws IOException {
        envoy.close();
        try {
            cluster.delete(expand(SERVICE));
            namespace.delete(expand(GATEWAY));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
