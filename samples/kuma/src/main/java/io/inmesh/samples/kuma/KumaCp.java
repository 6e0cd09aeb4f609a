package io.inmesh.samples.kuma;

import io.inmesh.samples.stage.FreePorts;
import io.inmesh.xds.kuma.KumaRest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A real kuma-cp as a process of this machine: universal, everything in memory, the control plane of one zone unless its settings say otherwise; it ends with this JVM.
 */
final class KumaCp implements AutoCloseable {
    static final String ZONE = "zone-1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final FreePorts PORTS = new FreePorts();

    private final Path binary;
    private final Path folder;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final int apiPort;
    private final int serverPort;
    private final int diagnosticsPort;
    private @Nullable Process process;

    /**
     * A kuma-cp that is not started.
     *
     * @param binary   the program
     * @param folder   for its certificate and its log
     * @param settings its environment variables, beside those that keep it on this machine
     */
    KumaCp(Path binary, Path folder, Map<String, String> settings) {
        this.binary = binary;
        this.folder = folder;
        apiPort = freePort();
        serverPort = freePort();
        diagnosticsPort = freePort();
        environment.put("KUMA_MODE", "zone");
        environment.put("KUMA_ENVIRONMENT", "universal");
        environment.put("KUMA_STORE_TYPE", "memory");
        environment.put("KUMA_MULTIZONE_ZONE_NAME", ZONE);
        environment.put("KUMA_GENERAL_WORK_DIR", folder.toAbsolutePath().toString());
        environment.put("KUMA_INTER_CP_CATALOG_INSTANCE_ADDRESS", "127.0.0.1");
        environment.put("KUMA_API_SERVER_HTTP_INTERFACE", "127.0.0.1");
        environment.put("KUMA_API_SERVER_HTTP_PORT", String.valueOf(apiPort));
        environment.put("KUMA_API_SERVER_HTTPS_ENABLED", "false");
        environment.put("KUMA_DP_SERVER_PORT", String.valueOf(serverPort));
        environment.put("KUMA_DIAGNOSTICS_SERVER_PORT", String.valueOf(diagnosticsPort));
        environment.put("KUMA_MONITORING_ASSIGNMENT_SERVER_PORT", String.valueOf(freePort()));
        environment.put("KUMA_INTER_CP_SERVER_PORT", String.valueOf(freePort()));
        environment.put("KUMA_REPORTS_ENABLED", "false");
        environment.putAll(settings);
    }

    /** The program that {@code KUMA_CP} names, or {@code kuma-cp} on the {@code PATH}; null if there is none. */
    static @Nullable Path find() {
        String named = System.getenv("KUMA_CP");
        if (named != null && !named.isBlank()) {
            Path path = Path.of(named);
            if (!Files.isExecutable(path)) {
                throw new IllegalStateException("KUMA_CP=" + named + " is no program that can be run");
            }
            return path;
        }
        for (String each : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            Path path = Path.of(each, "kuma-cp");
            if (!each.isEmpty() && Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }

    /** What the program says that it is, such as {@code Kuma: 2.14.3}. */
    String version() throws IOException, InterruptedException {
        Process asked = new ProcessBuilder(binary.toString(), "version")
                .redirectErrorStream(true)
                .start();
        String text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        asked.waitFor();
        return text.lines().findFirst().orElse("").replaceFirst("^Kuma: ", "").strip();
    }

    /** Starts it and waits until it is ready. It has no memory of an earlier run, except for its certificate. */
    void start() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        ProcessBuilder builder = new ProcessBuilder(binary.toString(), "run", "--log-level=info");
        builder.environment().keySet().removeIf(each -> each.startsWith("KUMA_"));
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        Process started = builder.start();
        process = started;
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        } catch (IllegalStateException ending) {
            started.destroyForcibly();
            throw ending;
        }
        try {
            awaitReady(started);
        } catch (IOException | InterruptedException e) {
            started.destroyForcibly();
            throw e;
        }
    }

    /** Ends it as a crash does. */
    void kill() throws InterruptedException {
        Process running = process;
        process = null;
        if (running != null) {
            running.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    Path log() {
        return folder.resolve("kuma-cp.log");
    }

    /** Its data plane server. */
    String server() {
        return "localhost:" + serverPort;
    }

    /** Its API, for an administrator. */
    KumaRest rest() {
        return KumaRest.at("http://localhost:" + apiPort);
    }

    /** The certificate that it made for itself. */
    Path certificate() {
        return folder.resolve("kuma-cp.crt");
    }

    /** The SHA-256 of that certificate. */
    String pin() throws IOException {
        String base64 = Files.readAllLines(certificate()).stream()
                .filter(line -> !line.startsWith("-----"))
                .collect(Collectors.joining());
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(Base64.getDecoder().decode(base64)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReady(Process started) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + diagnosticsPort + "/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (started.isAlive() && System.nanoTime() < end) {
            try {
                if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not yet.
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IOException(binary + " is not ready" + (started.isAlive() ? " within " + PATIENCE : ", but ended")
                + "; see " + log());
    }

    /** Of the ports that this process has given to nobody yet. */
    static int freePort() {
        return PORTS.next();
    }
}
