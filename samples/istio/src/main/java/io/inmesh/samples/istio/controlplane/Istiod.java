package io.inmesh.samples.istio.controlplane;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An istiod on loopback, at addresses that it has again when it is started again. */
public final class Istiod implements AutoCloseable {
    private final Settings settings;
    private final HttpClient client = HttpClient.newHttpClient();
    private Daemon daemon;

    /**
     * What makes one istiod.
     *
     * @param binary     of {@code pilot-discovery}
     * @param revision   its name, empty for the one that there is otherwise
     * @param folder     where it runs; has {@code mesh.yaml} and {@code cacerts}
     * @param kubeconfig of the cluster whose configuration counts
     * @param secure     {@code address:port} with TLS
     * @param plain      {@code address:port} in the clear
     * @param http       {@code address:port} at which it is asked whether it is ready
     * @param monitoring {@code address:port} of its metrics
     */
    record Settings(
            Path binary,
            String revision,
            Path folder,
            Path kubeconfig,
            String secure,
            String plain,
            String http,
            String monitoring) {}

    /** Starts it, and waits until it is ready. */
    Istiod(Settings settings) throws IOException, InterruptedException {
        this.settings = settings;
        daemon = start();
    }

    private Daemon start() throws IOException, InterruptedException {
        Daemon started = Daemon.start(
                settings.revision().isEmpty() ? "pilot-discovery" : "pilot-discovery-" + settings.revision(),
                settings.folder(),
                Map.of(
                        "ROOT_CA_DIR", settings.folder().resolve("cacerts").toString(),
                        "KUBECONFIG", settings.kubeconfig().toString(),
                        "REVISION", settings.revision(),
                        "POD_NAME", "istiod-local",
                        "POD_NAMESPACE", "istio-system",
                        "ISTIOD_CUSTOM_HOST", "localhost",
                        "PILOT_ENABLE_GATEWAY_API", "false",
                        // Nothing calls webhooks here.
                        "VALIDATION_WEBHOOK_CONFIG_NAME", "",
                        "INJECTION_WEBHOOK_CONFIG_NAME", "",
                        "PILOT_DEBOUNCE_AFTER", "20ms"),
                List.of(
                        settings.binary().toString(),
                        "discovery",
                        "--kubeconfig=" + settings.kubeconfig(),
                        "--meshConfig=mesh.yaml",
                        "--networksConfig=none",
                        "--grpcAddr=" + settings.plain(),
                        "--secureGRPCAddr=" + settings.secure(),
                        "--httpAddr=" + settings.http(),
                        "--httpsAddr=",
                        "--monitoringAddr=" + settings.monitoring(),
                        "--clusterID=Kubernetes",
                        "--domain=cluster.local",
                        "--ctrlz_port=0"));
        HttpRequest look = HttpRequest.newBuilder(URI.create("http://" + settings.http() + "/ready"))
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

    /** Ends it at once, as when its machine fails. */
    void kill() {
        daemon.kill();
    }

    /** Starts it again, at the same addresses, and waits until it is ready. */
    void restart() throws IOException, InterruptedException {
        daemon.close();
        daemon = start();
    }

    @Override
    public void close() {
        daemon.close();
    }
}
