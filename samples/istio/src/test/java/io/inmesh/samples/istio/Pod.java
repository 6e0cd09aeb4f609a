package io.inmesh.samples.istio;

import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.inmesh.transport.MeshTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.istio.IstioSource;
import io.inmesh.xds.istio.IstioSourceBuilder;
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
import java.util.function.UnaryOperator;

/** What would be a pod: a workload with a service account, an address, a connection to istiod, a client. */
final class Pod implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Ten minutes unless said otherwise, which is longer than a test. */
    private static final Duration OLD_CONNECTIONS_LIVE = Duration.ofMillis(500);

    final String namespace;
    final String account;
    final String address;
    final IstioSource source;
    final Mesh mesh;
    final MeshTls tls;
    final MeshHttpClient client;
    private final Path token;

    private Pod(
            String namespace,
            String account,
            String address,
            Path token,
            IstioSourceBuilder description,
            TlsOptions options)
            throws Exception {
        this.namespace = namespace;
        this.account = account;
        this.address = address;
        this.token = token;
        source = description.build();
        mesh = Mesh.builder().source(source).build();
        tls = MeshTls.create(mesh.secrets(), options.withDrainPeriod(OLD_CONNECTIONS_LIVE));
        client = MeshHttpClient.newBuilder(mesh).meshTls(tls).build();
        mesh.awaitReady(PATIENCE);
    }

    /** A pod with the label {@code app} of its account's name. */
    static Pod start(LocalControlPlane controlPlane, String namespace, String account, String address)
            throws Exception {
        return start(controlPlane, namespace, account, address, source -> source);
    }

    static Pod start(
            LocalControlPlane controlPlane,
            String namespace,
            String account,
            String address,
            UnaryOperator<IstioSourceBuilder> more)
            throws Exception {
        return start(controlPlane, namespace, account, address, more, TlsOptions.DEFAULT);
    }

    static Pod start(
            LocalControlPlane controlPlane,
            String namespace,
            String account,
            String address,
            UnaryOperator<IstioSourceBuilder> more,
            TlsOptions options)
            throws Exception {
        controlPlane.api().serviceAccount(namespace, account);
        Path token = Files.createTempFile("istio-token", "");
        Files.writeString(token, controlPlane.api().token(namespace, account, "istio-ca"));
        IstioSourceBuilder source = IstioSource.builder()
                .environment(Map.of())
                .istiod(controlPlane.istiod())
                .rootCertificates(controlPlane.roots())
                .token(token)
                .name(account + "-" + address)
                .namespace(namespace)
                .serviceAccount(account)
                .addresses(address)
                .label("app", account);
        return new Pod(namespace, account, address, token, more.apply(source), options);
    }

    /** The file of its token, to put another one into it. */
    Path token() {
        return token;
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
        Files.deleteIfExists(token);
    }
}
