package io.inmesh.samples.istio.controlplane;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A real Istio control plane on loopback: etcd, a Kubernetes API server without nodes, and istiod, on free ports, with certificates of its own and nothing kept after
 * it ends. Workloads are {@code WorkloadEntry} objects, because Kubernetes takes no pods on loopback.
 *
 * <p>Not thread-safe, but for what {@link #api} and the addresses are used for.
 */
public final class LocalControlPlane implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final Path binaries;
    private final Path folder;
    private final Ports ports = new Ports();
    private final Authority authority;
    private final KeyPair serviceAccounts;
    private final String adminToken = randomToken();
    private final KubernetesApi api;
    private final int etcdPort = ports.next();
    private final int apiPort = ports.next();
    private final int plainPort = ports.next();
    private final int securePort = ports.next();
    private final int httpPort = ports.next();
    private final int monitoringPort = ports.next();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Daemon etcd;
    private final Daemon apiServer;
    private Daemon istiod;

    /**
     * Starts all three and waits until they are ready, which takes some seconds.
     *
     * @param binaries   what {@code control-plane/build} has made
     * @param folder     for data, keys and logs; exists and is empty
     * @param meshConfig istiod's mesh configuration, in YAML
     * @throws IOException if one of them does not start; the message has the end of its log
     */
    public LocalControlPlane(Path binaries, Path folder, String meshConfig) throws Exception {
        this.binaries = binaries;
        this.folder = folder.toAbsolutePath();
        authority = new Authority();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        serviceAccounts = generator.generateKeyPair();
        writeFiles(meshConfig);
        api = new KubernetesApi(apiServer(), adminToken, authority.trust());
        etcd = startEtcd();
        try {
            apiServer = startApiServer();
            try {
                apiServer.awaitReady(api::isReady);
                define();
                istiod = startIstiod();
            } catch (Exception e) {
                apiServer.close();
                throw e;
            }
        } catch (Exception e) {
            etcd.close();
            throw e;
        }
    }

    /** Istio's own kinds, and the namespace of its control plane. */
    private void define() throws IOException, InterruptedException {
        String definitions = Files.readString(binaries.resolve("istio-crds.yaml"));
        api.apply(definitions);
        apiServer.awaitReady(() -> api.knows(definitions));
        api.namespace("istio-system");
    }

    private void writeFiles(String meshConfig) throws Exception {
        authority.writeFor(folder.resolve("cacerts"));
        X509Bundle server = authority.server(LOOPBACK);
        write("api-cert.pem", server.getCertificatePEM());
        write("api-key.pem", server.getPrivateKeyPEM());
        write("sa.key", pem("PRIVATE KEY", serviceAccounts.getPrivate().getEncoded()));
        write("sa.pub", pem("PUBLIC KEY", serviceAccounts.getPublic().getEncoded()));
        write("tokens.csv", adminToken + ",admin,admin,\"system:masters\"\n");
        write("mesh.yaml", meshConfig);
        write("kubeconfig", """
                apiVersion: v1
                kind: Config
                clusters: [{name: local, cluster: {server: '%s', certificate-authority: '%s'}}]
                users: [{name: admin, user: {token: '%s'}}]
                contexts: [{name: local, context: {cluster: local, user: admin}}]
                current-context: local
                """.formatted(apiServer(), roots(), adminToken));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private Daemon startEtcd() throws IOException {
        String url = "http://" + LOOPBACK + ":" + etcdPort;
        String peers = "http://" + LOOPBACK + ":" + ports.next();
        return start(
                "etcd",
                Map.of(),
                "--data-dir=etcd",
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers,
                "--unsafe-no-fsync",
                "--log-level=error");
    }

    private Daemon startApiServer() throws IOException {
        return start(
                "kube-apiserver",
                Map.of(),
                "--etcd-servers=http://" + LOOPBACK + ":" + etcdPort,
                "--bind-address=" + LOOPBACK,
                "--advertise-address=" + LOOPBACK,
                "--secure-port=" + apiPort,
                "--tls-cert-file=api-cert.pem",
                "--tls-private-key-file=api-key.pem",
                "--cert-dir=certs",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=sa.pub",
                "--service-account-signing-key-file=sa.key",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--authorization-mode=AlwaysAllow",
                "--token-auth-file=tokens.csv",
                // No controllers run here, so nothing would give namespaces their default account.
                "--disable-admission-plugins=ServiceAccount",
                "--api-audiences=https://kubernetes.default.svc,istio-ca");
    }

    private Daemon startIstiod() throws IOException, InterruptedException {
        Daemon started = start(
                "pilot-discovery",
                Map.of(
                        "ROOT_CA_DIR", folder.resolve("cacerts").toString(),
                        "KUBECONFIG", folder.resolve("kubeconfig").toString(),
                        "POD_NAME", "istiod-local",
                        "POD_NAMESPACE", "istio-system",
                        "ISTIOD_CUSTOM_HOST", "localhost",
                        "PILOT_ENABLE_GATEWAY_API", "false",
                        // Nothing calls webhooks here.
                        "VALIDATION_WEBHOOK_CONFIG_NAME", "",
                        "INJECTION_WEBHOOK_CONFIG_NAME", "",
                        "PILOT_DEBOUNCE_AFTER", "20ms"),
                "discovery",
                "--kubeconfig=kubeconfig",
                "--meshConfig=mesh.yaml",
                "--networksConfig=none",
                "--grpcAddr=" + LOOPBACK + ":" + plainPort,
                "--secureGRPCAddr=" + LOOPBACK + ":" + securePort,
                "--httpAddr=" + LOOPBACK + ":" + httpPort,
                "--httpsAddr=",
                "--monitoringAddr=" + LOOPBACK + ":" + monitoringPort,
                "--clusterID=Kubernetes",
                "--domain=cluster.local",
                "--ctrlz_port=0");
        HttpRequest look = HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + httpPort + "/ready"))
                .build();
        try {
            started.awaitReady(
                    () -> client.send(look, BodyHandlers.discarding()).statusCode() == 200);
        } catch (IOException | InterruptedException e) {
            started.close();
            throw e;
        }
        return started;
    }

    private Daemon start(String binary, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(binaries.resolve(binary).toAbsolutePath().toString());
        command.addAll(List.of(arguments));
        return Daemon.start(binary, folder, environment, command);
    }

    /** The Kubernetes API, as its administrator. */
    public KubernetesApi api() {
        return api;
    }

    private URI apiServer() {
        return URI.create("https://" + LOOPBACK + ":" + apiPort);
    }

    /** istiod's address with TLS, to which its certificate is made out: {@code localhost:PORT}. */
    public String istiod() {
        return "localhost:" + securePort;
    }

    /** istiod's address in the clear. */
    public String istiodInTheClear() {
        return LOOPBACK + ":" + plainPort;
    }

    /** PEM of the roots of the mesh, by which istiod is trusted too. */
    public Path roots() {
        return folder.resolve("cacerts").resolve("root-cert.pem");
    }

    /** The authority of the mesh. */
    public Authority authority() {
        return authority;
    }

    /** The key with which the API server signs tokens: for tokens that it would not give. */
    public PrivateKey serviceAccountKey() {
        return serviceAccounts.getPrivate();
    }

    /** istiod's mesh configuration, which it reads again when it is saved. */
    public Path meshConfig() {
        return folder.resolve("mesh.yaml");
    }

    /** Ends istiod at once, as when its machine fails. */
    public void killIstiod() {
        istiod.kill();
    }

    /** Starts istiod again, at the same addresses, and waits until it is ready. */
    public void restartIstiod() throws IOException, InterruptedException {
        istiod.close();
        istiod = startIstiod();
    }

    @Override
    public void close() {
        istiod.close();
        apiServer.close();
        etcd.close();
    }

    private static String randomToken() {
        byte[] octets = new byte[24];
        new SecureRandom().nextBytes(octets);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + type + "-----\n";
    }
}
