package io.inmesh.http.envoy;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundPort;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.envoy.EnvoyProcess;
import io.inmesh.xds.files.YamlMessages;
import io.inmesh.xds.testing.ControlPlane;
import io.inmesh.xds.testing.FreePorts;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One control plane with two data planes, which get the same resources from it: an Envoy, with a client's listener and all ports of the servers, and a mesh in this process,
 * with a client and all kinds of servers. These are bound where Envoy's ports are, but to other addresses of loopback.
 */
final class Scene implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final URI envoyClient;
    private final URI meshClient;
    private final HttpClient plain = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final MeshHttpClient meshed;

    Scene(Path binary) throws Exception {
        try {
            List<Integer> free = FreePorts.next(1 + MeshFamily.values().length * ServerKind.values().length);
            int outbound = free.get(0);
            for (MeshFamily family : MeshFamily.values()) {
                for (ServerKind kind : ServerKind.values()) {
                    ports.put(portName(family, kind), free.get(1 + ports.size()));
                }
            }
            HttpTestServer application = opened(HttpTestServer.start(request -> HttpTestServer.Response.ok(new Seen(
                            request.header("x-forwarded-client-cert"),
                            request.header(SceneResources.PEER),
                            request.header(SceneResources.SERVER_NAME),
                            request.header(SceneResources.TLS_VERSION))
                    .text())));
            ControlPlane controlPlane = opened(ControlPlane.start());
            controlPlane.set(resources(outbound, application.port()));
            Mesh mesh = opened(Mesh.builder()
                    .source(XdsSource.builder()
                            .server(controlPlane.target())
                            .node("mesh", "proof")
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
            opened(EnvoyProcess.start(binary, bootstrap(controlPlane.target())));
            for (InboundPort port : served) {
                port.awaitReady(PATIENCE);
            }
            envoyClient = URI.create("http://" + SceneResources.ENVOY + ":" + outbound + "/");
            meshClient = URI.create("http://reviews:" + outbound + "/");
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /**
     * Sends a request.
     *
     * @param byMesh  whether this mesh's client sends it, and not Envoy
     * @param cluster where to
     */
    HttpResponse<String> ask(boolean byMesh, String cluster) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(byMesh ? meshClient : envoyClient)
                .timeout(PATIENCE)
                .header(SceneResources.TO, cluster)
                .build();
        return (byMesh ? meshed : plain).send(request, BodyHandlers.ofString());
    }

    private Message[] resources(int outbound, int application) {
        List<Message> all = new ArrayList<>();
        all.add(SceneResources.outbound(outbound));
        all.add(SceneResources.application(application));
        for (MeshFamily family : MeshFamily.values()) {
            all.addAll(Credentials.of(family));
            for (ServerKind kind : ServerKind.values()) {
                all.add(SceneResources.inbound(family, kind, port(family, kind)));
            }
        }
        List<String> hosts = new ArrayList<>(List.of(SceneResources.ENVOY));
        for (MeshServers server : MeshServers.values()) {
            hosts.add(server.host);
        }
        for (ClientShape client : ClientShape.values()) {
            for (ServerKind kind : ServerKind.values()) {
                for (Situation situation : kind.situations()) {
                    for (int version = 1; version <= 2; version++) {
                        for (String host : hosts) {
                            all.add(SceneResources.cluster(
                                    client, version, situation, kind, host, port(client.family, kind)));
                        }
                    }
                }
            }
        }
        return all.toArray(Message[]::new);
    }

    private int port(MeshFamily family, ServerKind kind) {
        return Objects.requireNonNull(ports.get(portName(family, kind)));
    }

    private static String portName(MeshFamily family, ServerKind kind) {
        return family + " " + kind;
    }

    private static Bootstrap bootstrap(String controlPlane) throws Exception {
        String yaml = """
                node: {id: envoy, cluster: proof}
                dynamic_resources:
                  ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
                  cds_config: {ads: {}, resource_api_version: V3}
                  lds_config: {ads: {}, resource_api_version: V3}
                static_resources:
                  clusters:
                  - name: xds
                    type: STATIC
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        '@type': type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        explicit_http_config: {http2_protocol_options: {}}
                    load_assignment:
                      cluster_name: xds
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: PORT}}}}]}]
                """.replace("PORT", controlPlane.substring(controlPlane.indexOf(':') + 1));
        return YamlMessages.read("bootstrap", yaml, Bootstrap.newBuilder()).build();
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
