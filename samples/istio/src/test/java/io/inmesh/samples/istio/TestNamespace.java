package io.inmesh.samples.istio;

import static org.awaitility.Awaitility.await;

import io.inmesh.samples.istio.controlplane.KubernetesApi;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.samples.stage.OpenParts;
import io.inmesh.xds.istio.IstioSourceBuilder;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.awaitility.core.ThrowingRunnable;

/**
 * A namespace of one test class, and its part of the loopback network: in YAML {@code NS} stands for its name, {@code NET} for {@code 127.0.N}, {@code VIP} for
 * {@code 240.240.N}. Its services are seen by itself only. Everything that it started ends with it, the last first.
 */
final class TestNamespace implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MARKER = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: marker}
            spec:
              hosts: [marker.NS.svc.cluster.local]
              exportTo: ["."]
              http: [{name: marker, directResponse: {status: 200, body: {string: "GENERATION"}}}]
            """;

    final LocalControlPlane controlPlane;
    final String name;
    private final int number;
    private final KubernetesApi api;
    private final OpenParts started = new OpenParts();
    private int generation;

    TestNamespace(LocalControlPlane controlPlane, String name, int number) throws Exception {
        this.controlPlane = controlPlane;
        this.name = name;
        this.number = number;
        this.api = controlPlane.api().in(name);
        api.namespace(name);
        apply("""
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: default}
                spec: {egress: [{hosts: ["./*"]}]}
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: marker}
                spec:
                  hosts: [marker.NS.svc.cluster.local]
                  addresses: [VIP.250]
                  exportTo: ["."]
                  resolution: STATIC
                  ports: [{number: 7777, name: http, protocol: HTTP}]
                """);
    }

    String address(int host) {
        return "127.0." + number + "." + host;
    }

    private String expand(String yaml) {
        return yaml.replaceAll("\\bNS\\b", name)
                .replaceAll("\\bNET\\b", "127.0." + number)
                .replaceAll("\\bVIP\\b", "240.240." + number);
    }

    void apply(String yaml) throws IOException, InterruptedException {
        api.apply(expand(yaml));
    }

    void delete(String yaml) throws IOException, InterruptedException {
        api.delete(expand(yaml));
    }

    /** Applies something for as long as a test runs. */
    void during(String yaml, Body test) throws Exception {
        apply(yaml);
        try {
            test.run();
        } finally {
            delete(yaml);
        }
    }

    /** A part of a test. */
    interface Body {
        void run() throws Exception;
    }

    /** A service of workloads, at port 9080, which is 19080 of theirs. */
    void service(String host) throws IOException, InterruptedException {
        apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: HOST}
                spec:
                  hosts: [HOST.NS.svc.cluster.local]
                  exportTo: ["."]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 9080, name: http, protocol: HTTP, targetPort: 19080}, {number: 9090, name: http-other, protocol: HTTP, targetPort: 19090}]
                  workloadSelector: {labels: {app: HOST}}
                """.replace("HOST", host));
    }

    /** An instance of a service, as the mesh is told of it. */
    void instance(String host, String version, int address) throws IOException, InterruptedException {
        apply(instanceYaml(host, version, address));
    }

    static String instanceYaml(String host, String version, int address) {
        return """
                apiVersion: networking.istio.io/v1
                kind: WorkloadEntry
                metadata: {name: HOST-ADDRESS}
                spec: {address: NET.ADDRESS, labels: {app: HOST, version: VERSION}, serviceAccount: HOST}
                """.replace("HOST", host).replace("VERSION", version).replace("ADDRESS", Integer.toString(address));
    }

    /** An instance that is told to the mesh and serves its first port. */
    EchoServer start(String host, String version, int address) throws Exception {
        instance(host, version, address);
        return own(new EchoServer(pod(host, address), 19080));
    }

    Pod pod(String account, int address) throws Exception {
        return pod(account, address, source -> source);
    }

    Pod pod(String account, int address, UnaryOperator<IstioSourceBuilder> more) throws Exception {
        return own(Pod.start(controlPlane, name, account, address(address), more));
    }

    <T extends AutoCloseable> T own(T something) {
        return started.add(something);
    }

    /** Waits until these have heard all that was applied: of a push, routes come last. */
    void settle(Pod... pods) throws IOException, InterruptedException {
        generation++;
        apply(MARKER.replace("GENERATION", "generation " + generation));
        for (Pod pod : pods) {
            eventually(() -> {
                String answer;
                try {
                    answer = pod.get("http://marker:7777/").body();
                } catch (ConnectException unknown) {
                    // Names come in a push of their own, perhaps later than what the pod waited for.
                    throw new AssertionError(pod.address + " has not heard of the marker", unknown);
                }
                if (!answer.equals("generation " + generation)) {
                    throw new AssertionError(pod.address + " is at " + answer + ", not at " + generation);
                }
            });
        }
    }

    /** Waits until an assertion holds. */
    static void eventually(ThrowingRunnable assertion) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(assertion);
    }

    @Override
    public void close() {
        try {
            started.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
