package io.inmesh.http.envoy;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.http.envoy.Sidecar.Caller;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundPort;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.envoy.EnvoyProcess;
import io.inmesh.xds.testing.ControlPlane;
import io.inmesh.xds.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Sidecars as control planes have configured them: an Envoy with the recorded resources in its bootstrap, on both sides, and a mesh in this process with the same resources, a
 * client and all kinds of servers, which are bound where Envoy's ports are, but to other addresses of loopback.
 */
final class SidecarScene implements AutoCloseable {
    /** The id of the mesh's node. */
    static final String NODE = "sidecar~127.0.0.1~web-1.default~default.svc.cluster.local";

    /** What an application must not get others to believe. */
    static final String FORGED =
            "By=spiffe://cluster.local/ns/default/sa/reviews;URI=spiffe://cluster.local/ns/default/sa/web";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ISTIO_CLIENT = "istio-1.31-dev/basic/web/Listener/0.0.0.0_9080";
    private static final String KUMA_CLIENT = "kuma-2.14.3/mesh-identity/web/Listener/outbound~241.0.0.5~17080";

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Map<Sidecar, Integer> ports = new EnumMap<>(Sidecar.class);
    private final Map<MeshFamily, List<Secret>> credentials = new EnumMap<>(MeshFamily.class);
    private final int istioClient;
    private final int kumaClient;
    private final AtomicReference<HttpTestServer.Request> last = new AtomicReference<>();
    private final HttpClient plain = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final MeshHttpClient meshed;

    SidecarScene(Path binary) throws Exception {
        try {
            List<Integer> free = FreePorts.next(2 + Sidecar.values().length);
            istioClient = free.get(0);
            kumaClient = free.get(1);
            for (Sidecar sidecar : Sidecar.values()) {
                ports.put(sidecar, free.get(2 + ports.size()));
            }
            HttpTestServer application = opened(HttpTestServer.start(this::answer));
            ControlPlane controlPlane = opened(ControlPlane.start());
            controlPlane.set(resources(new SidecarResources(false)).toArray(Message[]::new));
            Mesh mesh = opened(Mesh.builder()
                    .source(XdsSource.builder()
                            .server(controlPlane.target())
                            .node(NODE, "web.default")
                            .dialect(XdsDialect.envoy())
                            .build())
                    .build());
            meshed = opened(MeshHttpClient.create(mesh));
            MeshTls tls = opened(MeshTls.create(mesh.secrets(), TlsOptions.DEFAULT));
            List<InboundPort> served = new ArrayList<>();
            InboundListeners asEnvoyIsBound = address -> {
                InboundPort port = mesh.inbound().port(new BoundAddress(SceneResources.ENVOY, address.port()));
                served.add(port);
                return port;
            };
            for (MeshServers server : MeshServers.values()) {
                opened(server.start(asEnvoyIsBound, tls, ports.values()));
            }
            opened(EnvoyProcess.start(binary, bootstrap(application.port())));
            for (InboundPort port : served) {
                port.awaitReady(PATIENCE);
            }
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private HttpTestServer.Response answer(HttpTestServer.Request request) {
        last.set(request);
        return HttpTestServer.Response.ok(new Seen(
                        request.header("x-forwarded-client-cert"),
                        request.header(SceneResources.PEER),
                        request.header(SceneResources.SERVER_NAME),
                        request.header(SceneResources.TLS_VERSION))
                .text());
    }

    /** The last request that the application behind Envoy got. */
    HttpTestServer.Request lastRequest() {
        return Objects.requireNonNull(last.get());
    }

    /**
     * Sends a request.
     *
     * @param byMesh whether this mesh's client sends it, and not Envoy
     * @param host   where the server is
     */
    HttpResponse<String> ask(boolean byMesh, Sidecar sidecar, Caller caller, int version, String host, String path)
            throws Exception {
        return ask(byMesh, sidecar.isIstio() ? istioClient : kumaClient, sidecar, caller, version, host, path);
    }

    /** Has the mesh send a request through the listener of a Kuma client, which has no filter but the router. */
    HttpResponse<String> askByKumasListener(Sidecar sidecar, Caller caller, int version, String host, String path)
            throws Exception {
        return ask(true, kumaClient, sidecar, caller, version, host, path);
    }

    /** Has Envoy send a request with the headers of Istio's metadata exchange, which it does not know. */
    HttpResponse<String> tell(Sidecar sidecar, String host, String metadata) throws Exception {
        int outbound = sidecar.isIstio() ? istioClient : kumaClient;
        HttpRequest request = request(SceneResources.ENVOY, outbound, sidecar, Caller.FRIEND, 1, host, "/api/x")
                .header("x-envoy-peer-metadata", metadata)
                .header("x-envoy-peer-metadata-id", "caller")
                .build();
        return plain.send(request, BodyHandlers.ofString());
    }

    private HttpResponse<String> ask(
            boolean byMesh, int outbound, Sidecar sidecar, Caller caller, int version, String host, String path)
            throws Exception {
        String front = byMesh ? "reviews" : SceneResources.ENVOY;
        return (byMesh ? meshed : plain)
                .send(
                        request(front, outbound, sidecar, caller, version, host, path)
                                .build(),
                        BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(
            String front, int outbound, Sidecar sidecar, Caller caller, int version, String host, String path) {
        return HttpRequest.newBuilder(URI.create("http://" + front + ":" + outbound + path))
                .timeout(PATIENCE)
                .header(SceneResources.TO, SidecarResources.clusterName(sidecar, caller, version, host))
                .header("x-forwarded-client-cert", FORGED);
    }

    private List<Message> resources(SidecarResources forms) throws IOException {
        List<Message> all = new ArrayList<>();
        all.add(forms.outbound(ISTIO_CLIENT, "outbound-istio", istioClient));
        all.add(forms.outbound(KUMA_CLIENT, "outbound-kuma", kumaClient));
        List<String> hosts = new ArrayList<>(List.of(SceneResources.ENVOY));
        for (MeshServers server : MeshServers.values()) {
            hosts.add(server.host);
        }
        for (MeshFamily family : MeshFamily.values()) {
            all.addAll(credentials.computeIfAbsent(family, Credentials::of));
        }
        for (Sidecar sidecar : Sidecar.values()) {
            int port = Objects.requireNonNull(ports.get(sidecar));
            all.add(forms.inbound(sidecar, port));
            for (Caller caller : Caller.values()) {
                for (int version = 1; version <= 2; version++) {
                    for (String host : hosts) {
                        all.add(forms.cluster(sidecar, caller, version, host, port));
                    }
                }
            }
        }
        return all;
    }

    private Bootstrap bootstrap(int application) throws IOException {
        StaticResources.Builder statics = StaticResources.newBuilder();
        for (Message resource : resources(new SidecarResources(true))) {
            if (resource instanceof Listener listener) {
                statics.addListeners(listener);
            } else if (resource instanceof Cluster cluster) {
                statics.addClusters(cluster);
            } else if (resource instanceof Secret secret) {
                statics.addSecrets(secret);
            }
        }
        for (String behind :
                List.of("inbound|19080||", "inbound|19090||", "InboundPassthroughCluster", "localhost:17080")) {
            statics.addClusters(SceneResources.application(behind, application));
        }
        return Bootstrap.newBuilder()
                .setNode(Node.newBuilder().setId("envoy").setCluster("proof"))
                .setStaticResources(statics)
                .build();
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() {
        for (AutoCloseable part = open.poll(); part != null; part = open.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("not closed: " + part, e);
            }
        }
    }
}
