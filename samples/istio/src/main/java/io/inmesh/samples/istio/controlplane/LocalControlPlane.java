package io.inmesh.samples.istio.controlplane;

import io.inmesh.samples.stage.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.List;
import java.util.Map;

/**
 * A real Istio control plane on loopback: etcd, a Kubernetes API server without nodes, and istiod, on free ports, with certificates of its own and nothing kept after
 * it ends. Workloads are {@code WorkloadEntry} objects, because Kubernetes takes no endpoints on loopback.
 *
 * <p>Not thread-safe, but for what {@link #api} and the addresses are used for.
 */
public final class LocalControlPlane implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String OWN_CLUSTER = "Kubernetes";

    private final Path binaries;
    private final Path folder;
    private final FreePorts ports = new FreePorts();
    private final Authority authority;
    private final String etcdUrl = "http://" + LOOPBACK + ":" + ports.next();
    private final int plainPort = ports.next();
    private final int securePort = ports.next();
    private final Daemon etcd;
    private final ApiServer apiServer;
    private final Istiod istiod;

    /**
     * Starts all three and waits until they are ready, which takes some seconds.
     *
     * @param binaries   what {@code control-plane/build} has made
     * @param folder     for data, keys and logs; exists and is empty
     * @param meshConfig istiod's mesh configuration, in YAML
     * @throws IOException if one of them does not start; the message has the end of its log
     */
    public LocalControlPlane(Path binaries, Path folder, String meshConfig) throws Exception {
        this.binaries = binaries.toAbsolutePath();
        this.folder = folder.toAbsolutePath();
        authority = new Authority();
        authority.writeFor(this.folder.resolve("cacerts"));
        Files.writeString(meshConfig(), meshConfig);
        etcd = startEtcd();
        try {
            apiServer = startApiServer(OWN_CLUSTER);
            try {
                apiServer.awaitReady();
                // Istio's own kinds, and the namespace of its control plane.
                apiServer.define(Files.readString(binaries.resolve("istio-crds.yaml")));
                api().namespace("istio-system");
                istiod = startIstiod("", LOOPBACK + ":" + securePort, LOOPBACK + ":" + plainPort);
            } catch (Exception e) {
                apiServer.close();
                throw e;
            }
        } catch (Exception e) {
            etcd.close();
            throw e;
        }
    }

    private Daemon startEtcd() throws IOException {
        String peers = address();
        return Daemon.start(
                "etcd",
                folder,
                Map.of(),
                List.of(
                        binaries.resolve("etcd").toString(),
                        "--data-dir=etcd",
                        "--listen-client-urls=" + etcdUrl,
                        "--advertise-client-urls=" + etcdUrl,
                        "--listen-peer-urls=http://" + peers,
                        "--initial-advertise-peer-urls=http://" + peers,
                        "--initial-cluster=default=http://" + peers,
                        "--unsafe-no-fsync",
                        "--log-level=error"));
    }

    private ApiServer startApiServer(String cluster) throws Exception {
        return new ApiServer(
                binaries.resolve("kube-apiserver"), cluster, folder.resolve(cluster), etcdUrl, ports.next(), authority);
    }

    private Istiod startIstiod(String revision, String secure, String plain) throws IOException, InterruptedException {
        return new Istiod(new Istiod.Settings(
                binaries.resolve("pilot-discovery"),
                revision,
                folder,
                apiServer.kubeconfigFile(),
                secure,
                plain,
                address(),
                address()));
    }

    private String address() {
        return LOOPBACK + ":" + ports.next();
    }

    /** The Kubernetes API, as its administrator. */
    public KubernetesApi api() {
        return apiServer.api();
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
        return apiServer.serviceAccountKey();
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
        istiod.restart();
    }

    /**
     * Starts a second cluster, and makes it a part of the mesh. To be closed before this control plane is.
     *
     * @param clusterId its name in the mesh
     */
    public RemoteCluster join(String clusterId) throws Exception {
        ApiServer second = startApiServer(clusterId);
        try {
            return new RemoteCluster(clusterId, second, api());
        } catch (Exception e) {
            second.close();
            throw e;
        }
    }

    /**
     * Starts a second istiod of the same cluster, and waits until it is ready. To be closed before this control plane is.
     *
     * @param revision its name, by which configuration and workloads choose it
     * @param address  of this machine's own, where it listens at port 15012 as in a cluster
     */
    public Istiod revision(String revision, String address) throws IOException, InterruptedException {
        return startIstiod(revision, address + ":15012", address + ":15010");
    }

    @Override
    public void close() {
        istiod.close();
        apiServer.close();
        etcd.close();
    }
}
