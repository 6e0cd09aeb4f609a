package io.inmesh.samples.istio.controlplane;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A Kubernetes API server without nodes: a cluster, as far as a control plane can see. Its data are in an etcd that others may use as well, its service accounts have a key of
 * their own.
 */
final class ApiServer implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final Path folder;
    private final Authority authority;
    private final int port;
    private final KeyPair serviceAccounts;
    private final String adminToken = randomToken();
    private final KubernetesApi api;
    private final Daemon daemon;

    /**
     * Starts one; {@link #awaitReady} says when it can be asked.
     *
     * @param cluster how istiod calls it, which is how it is called in etcd, too
     * @param folder  for keys and logs; made if it is not there
     * @param etcd    the URL of its store
     */
    ApiServer(Path binary, String cluster, Path folder, String etcd, int port, Authority authority) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.authority = authority;
        this.port = port;
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        serviceAccounts = generator.generateKeyPair();
        writeFiles();
        api = new KubernetesApi(address(), adminToken, authority.trust());
        daemon = Daemon.start(
                "kube-apiserver",
                folder,
                Map.of(),
                List.of(
                        binary.toString(),
                        "--etcd-servers=" + etcd,
                        "--etcd-prefix=/" + cluster,
                        "--bind-address=" + LOOPBACK,
                        "--advertise-address=" + LOOPBACK,
                        "--secure-port=" + port,
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
                        "--api-audiences=https://kubernetes.default.svc,istio-ca"));
    }

    private void writeFiles() throws Exception {
        X509Bundle server = authority.server(LOOPBACK);
        write("api-cert.pem", server.getCertificatePEM());
        write("api-key.pem", server.getPrivateKeyPEM());
        write("sa.key", pem("PRIVATE KEY", serviceAccounts.getPrivate().getEncoded()));
        write("sa.pub", pem("PUBLIC KEY", serviceAccounts.getPublic().getEncoded()));
        write("tokens.csv", adminToken + ",admin,admin,\"system:masters\"\n");
        write("kubeconfig", kubeconfig());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private URI address() {
        return URI.create("https://" + LOOPBACK + ":" + port);
    }

    /** What a client of it needs, its administrator's token included; nothing in it is the name of a file. */
    String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: local, cluster: {server: '%s', certificate-authority-data: '%s'}}]
                users: [{name: admin, user: {token: '%s'}}]
                contexts: [{name: local, context: {cluster: local, user: admin}}]
                current-context: local
                """.formatted(address(), base64(authority.root().getCertificatePEM()), adminToken);
    }

    /** The file with {@link #kubeconfig()}. */
    Path kubeconfigFile() {
        return folder.resolve("kubeconfig");
    }

    void awaitReady() throws IOException, InterruptedException {
        daemon.awaitReady(api::isReady);
    }

    /** Makes kinds, and waits until objects of them can be made. */
    void define(String definitions) throws IOException, InterruptedException {
        api.apply(definitions);
        daemon.awaitReady(() -> api.knows(definitions));
    }

    KubernetesApi api() {
        return api;
    }

    PrivateKey serviceAccountKey() {
        return serviceAccounts.getPrivate();
    }

    @Override
    public void close() {
        daemon.close();
    }

    private static String randomToken() {
        byte[] octets = new byte[24];
        new SecureRandom().nextBytes(octets);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + type + "-----\n";
    }
}
