package io.inmesh.samples.istio;

import io.inmesh.Mesh;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.identity.IstiodIdentity;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.protocol.XdsNode;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsTransport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** What would be a pod: a workload with a service account, an address, a connection to istiod, a client. */
final class Pod implements AutoCloseable {
    final String namespace;
    final String account;
    final String address;
    final Mesh mesh;
    final MeshTls tls;
    final MeshHttpClient client;
    private final IstiodIdentity identity;
    private final Path token;

    Pod(LocalControlPlane controlPlane, String namespace, String account, String address) throws Exception {
        this.namespace = namespace;
        this.account = account;
        this.address = address;
        controlPlane.api().serviceAccount(namespace, account);
        token = Files.createTempFile("token", "");
        Files.writeString(token, controlPlane.api().token(namespace, account, "istio-ca"));
        identity = IstiodIdentity.at(controlPlane.istiod())
                .workload("cluster.local", namespace, account)
                .roots(controlPlane.roots())
                .token(token)
                .build();
        XdsNode node = new XdsNode(
                "sidecar~" + address + "~" + account + "." + namespace + "~" + namespace + ".svc.cluster.local",
                account + "." + namespace,
                "",
                "",
                "",
                Map.of(
                        "NAMESPACE",
                        namespace,
                        "CLUSTER_ID",
                        "Kubernetes",
                        "INSTANCE_IPS",
                        address,
                        "SERVICE_ACCOUNT",
                        account,
                        "LABELS",
                        Map.of("app", account),
                        "ISTIO_VERSION",
                        "1.31.0"));
        XdsServer server = new XdsServer(
                        controlPlane.istiod(),
                        new XdsServer.Security.Tls(ControlPlaneTls.to(controlPlane.istiod())
                                .trust(controlPlane.roots())
                                .settings()),
                        XdsTransport.INCREMENTAL,
                        Map.of("clusterid", "Kubernetes"))
                .withToken(TokenFile.bearer(token));
        mesh = Mesh.builder()
                .source(XdsSource.builder()
                        .server(server)
                        .node(node)
                        .dialect(XdsDialect.envoy())
                        .build())
                .secrets(identity)
                .build();
        tls = MeshTls.create(mesh.secrets(), TlsOptions.DEFAULT);
        client = MeshHttpClient.newBuilder(mesh).meshTls(tls).build();
        mesh.awaitReady(Duration.ofSeconds(20));
    }

    HttpResponse<String> get(String uri, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> send(String method, String uri, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri)).method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Override
    public void close() throws IOException {
        client.shutdownNow();
        tls.close();
        mesh.close();
        identity.close();
        Files.deleteIfExists(token);
    }
}
