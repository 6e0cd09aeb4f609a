package io.inmesh.samples.istio;

import io.inmesh.samples.istio.controlplane.Daemon;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A pod without Kubernetes: a process of its own with an address on loopback, the variables of the Deployment's manifest, and a folder that looks like what its volumes
 * mount.
 */
final class PodProcess implements AutoCloseable {
    static final String NAMESPACE = "shop";

    private final String name;
    private final InetSocketAddress address;
    private final Daemon process;

    private PodProcess(String name, InetSocketAddress address, Daemon process) {
        this.name = name;
        this.address = address;
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param folder  for its files and its log
     * @param account its service account
     * @param service its main class
     * @param address where it listens
     */
    static PodProcess start(
            LocalControlPlane controlPlane,
            Path folder,
            String name,
            String account,
            Class<?> service,
            InetSocketAddress address,
            Map<String, String> labels)
            throws IOException, InterruptedException {
        try (ServerSocket free = new ServerSocket()) {
            free.bind(address);
        } catch (IOException e) {
            throw new IOException(address + ", where " + name + " is to listen, is taken", e);
        }
        Path root = folder.resolve(name);
        write(
                root.resolve("var/run/secrets/tokens/istio-token"),
                controlPlane.api().token(NAMESPACE, account, "istio-ca"));
        write(root.resolve("var/run/secrets/istio/root-cert.pem"), Files.readString(controlPlane.roots()));
        write(
                root.resolve("etc/istio/pod/labels"),
                labels.entrySet().stream()
                        .map(label -> label.getKey() + "=\"" + label.getValue() + "\"")
                        .collect(Collectors.joining("\n")));
        Map<String, String> environment = Map.of(
                "POD_NAME",
                name,
                "POD_NAMESPACE",
                NAMESPACE,
                "SERVICE_ACCOUNT",
                account,
                "INSTANCE_IP",
                address.getHostString(),
                "POD_ROOT",
                root.toString(),
                // Not in a cluster, where istiod has the name that is looked for by default.
                "PROXY_CONFIG",
                "{discoveryAddress: '" + controlPlane.istiod() + "'}");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.log.io.inmesh.inbound.RefusalLog=info",
                "-cp",
                System.getProperty("java.class.path"),
                service.getName());
        return new PodProcess(name, address, Daemon.start(name, folder, environment, command));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Waits until its port is open, as a readiness probe does. */
    void awaitReady() throws IOException, InterruptedException {
        process.awaitReady(() -> {
            try (Socket probe = new Socket()) {
                probe.connect(address, (int) Duration.ofSeconds(1).toMillis());
                return true;
            }
        });
    }

    String name() {
        return name;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Whether its log has a line with all of these in it. */
    boolean hasLogged(String... parts) throws IOException {
        return Files.readAllLines(process.log()).stream()
                .anyMatch(line -> List.of(parts).stream().allMatch(line::contains));
    }

    @Override
    public void close() {
        process.close();
    }
}
