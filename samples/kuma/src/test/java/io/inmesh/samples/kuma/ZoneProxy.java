package io.inmesh.samples.kuma;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An Envoy as a zone's proxy. Its bootstrap is what kuma-cp writes for a kuma-dp, and the rest comes from kuma-cp, too. */
final class ZoneProxy implements AutoCloseable {
    /** Names the program. */
    static final String VARIABLE = "INMESH_ENVOY";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Process process;
    private final Path folder;
    private final URI admin;

    private ZoneProxy(Process process, Path folder, int adminPort) {
        this.process = process;
        this.folder = folder;
        this.admin = URI.create("http://127.0.0.1:" + adminPort);
    }

    /**
     * Starts one, and waits until it listens for others.
     *
     * @param kuma      whose it is; it must have the resource of the proxy
     * @param kind      {@code ingress}, {@code egress}, or {@code dataplane} for one whose listeners are in a Dataplane
     * @param mesh      of the Dataplane, or nothing
     * @param name      of the resource
     * @param adminPort in the resource, too
     */
    static ZoneProxy start(LiveKuma kuma, String kind, String mesh, String name, int adminPort) throws Exception {
        Path folder = Files.createTempDirectory("zone-proxy");
        Path bootstrap = Files.writeString(folder.resolve("bootstrap.yaml"), bootstrap(kuma, kind, mesh, name));
        Process started = new ProcessBuilder(
                        Objects.requireNonNull(System.getenv(VARIABLE), VARIABLE),
                        "-c",
                        bootstrap.toString(),
                        "--concurrency",
                        "1",
                        "--disable-hot-restart",
                        "-l",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        ZoneProxy proxy = new ZoneProxy(started, folder, adminPort);
        try {
            proxy.awaitListener();
            return proxy;
        } catch (Exception e) {
            proxy.close();
            throw e;
        }
    }

    /** What a kuma-dp asks for. It would have a readiness probe of its own at that port, which nobody asks here. */
    private static String bootstrap(LiveKuma kuma, String kind, String mesh, String name) throws Exception {
        String request = "{\"mesh\":\"" + mesh + "\",\"name\":\"" + name + "\",\"proxyType\":\"" + kind
                + "\",\"readinessPort\":" + KumaCp.freePort()
                + ",\"operatingSystem\":\"linux\",\"version\":{\"kumaDp\":{\"version\":\"2.14.3\"},"
                + "\"envoy\":{\"version\":\"1.40.0\",\"build\":\"\",\"kumaDpCompatible\":true}}}";
        HttpResponse<String> response = HttpClient.newBuilder()
                .sslContext(trusting(kuma.process().certificate()))
                .build()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("https://" + kuma.process().server() + "/bootstrap"))
                                .header("content-type", "application/json")
                                .header("accept", "text/x-yaml")
                                .POST(BodyPublishers.ofString(request))
                                .build(),
                        BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("no bootstrap for " + name + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private static SSLContext trusting(Path certificate) throws Exception {
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        try (InputStream pem = Files.newInputStream(certificate)) {
            roots.setCertificateEntry(
                    "kuma-cp", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    /** Beside its admin interface for kuma-cp, which it has from the beginning. */
    private void awaitListener() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String listeners = "";
        while (process.isAlive() && System.nanoTime() < end) {
            try {
                listeners = page("/listeners");
                if (listeners.lines().anyMatch(each -> !each.startsWith("kuma:envoy:admin"))) {
                    return;
                }
            } catch (IOException notYet) {
                listeners = notYet.toString();
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IOException("the zone proxy " + (process.isAlive() ? "" : "ended and ") + "has no listener: "
                + listeners + Files.readString(folder.resolve("log")));
    }

    /** How many connections it has made to others than its control plane. */
    long connectionsMade() throws IOException, InterruptedException {
        return page("/stats?filter=upstream_cx_total$")
                .lines()
                .filter(each ->
                        !each.startsWith("cluster.ads_cluster.") && !each.startsWith("cluster.kuma_envoy_admin."))
                .mapToLong(each -> Long.parseLong(each.replaceFirst(".*: ", "")))
                .sum();
    }

    private String page(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                        HttpRequest.newBuilder(admin.resolve(path))
                                .timeout(Duration.ofSeconds(5))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(folder.resolve("bootstrap.yaml"));
        Files.deleteIfExists(folder.resolve("log"));
        Files.deleteIfExists(folder);
    }
}
