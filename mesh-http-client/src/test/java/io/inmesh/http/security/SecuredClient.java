package io.inmesh.http.security;

import com.google.protobuf.Message;
import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.model.TransportSocket;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.transport.ClientTls;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.testing.ControlPlane;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A client in a mesh with a control plane of its own, and one server: below {@code /h1} it is spoken to in HTTP/1.1, below {@code /h2} in HTTP/2. */
final class SecuredClient implements AutoCloseable {
    static final String NAME = "spiffe://cluster.local/ns/shop/sa/client";
    private static final String SERVER_NAME =
            Configuration.names("{san_type: URI, matcher: {exact: '" + SecuredServer.NAME + "'}}");

    final ControlPlane controlPlane = ControlPlane.start();
    final Mesh mesh;
    final MeshTls tls;
    final MeshHttpClient http;
    private final int port;

    SecuredClient(int port, TlsOptions options, X509Bundle own, X509Bundle... roots) throws Exception {
        this.port = port;
        set(Configuration.own(own), Configuration.roots(roots));
        mesh = Mesh.builder()
                .source(XdsSource.builder()
                        .server(controlPlane.target())
                        .node("client", "tests")
                        .dialect(XdsDialect.envoy())
                        .build())
                .build();
        tls = MeshTls.create(mesh.secrets(), options);
        http = MeshHttpClient.newBuilder(mesh).meshTls(tls).build();
        mesh.awaitReady(Duration.ofSeconds(30));
    }

    static X509Bundle identity(X509Bundle root) {
        return TestSecrets.identity(root, NAME);
    }

    static URI uri(int version, String path) {
        return URI.create("http://server.example:" + Configuration.PORT + "/h" + version + path);
    }

    /** Puts these secrets in the place of those before. */
    void set(Message... secrets) {
        List<Message> all = new ArrayList<>(List.of(
                Configuration.outbound(route(1) + ", " + route(2)),
                Configuration.cluster("h1", 1, SERVER_NAME, port),
                Configuration.cluster("h2", 2, SERVER_NAME, port)));
        all.addAll(List.of(secrets));
        controlPlane.set(all.toArray(Message[]::new));
    }

    /** A connection that does not come about is tried again, as meshes do by default; a request that was sent is not. */
    private static String route(int version) {
        return "{match: {prefix: /h" + version + "}, route: {cluster: h" + version
                + ", retry_policy: {retry_on: connect-failure, num_retries: 2}}}";
    }

    /** The TLS of a cluster. */
    ClientTls clusterTls(String cluster) {
        if (mesh.snapshot().clusters().get(cluster) instanceof ClusterState.Ready ready
                && ready.cluster().transport() instanceof TransportSocket.Tls socket) {
            return tls.client(socket.settings());
        }
        throw new IllegalStateException(cluster + " is not ready");
    }

    @Override
    public void close() {
        http.close();
        mesh.close();
        tls.close();
        controlPlane.close();
    }
}
