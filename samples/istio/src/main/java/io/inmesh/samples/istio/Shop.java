package io.inmesh.samples.istio;

import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The processes of the scene, and the YAML that the API server is given. */
final class Shop implements AutoCloseable {
    private static final int DOOR_PORT = 8080;
    private static final int REVIEWS_PORT = 9080;
    private static final String JWKS = "JWKS";

    private final LocalControlPlane controlPlane;
    private final Path yaml;
    private final Path folder;
    private final Users users;
    private final Map<String, PodProcess> pods = new HashMap<>();

    /**
     * A shop without any process.
     *
     * @param yaml   the sample's folder {@code mesh}
     * @param folder for the processes' files and logs
     */
    Shop(LocalControlPlane controlPlane, Path yaml, Path folder, Users users) {
        this.controlPlane = controlPlane;
        this.yaml = yaml;
        this.folder = folder;
        this.users = users;
    }

    /** Applies files of the sample. */
    void apply(String... files) throws IOException, InterruptedException {
        for (String file : files) {
            controlPlane.api().apply(read(file));
        }
    }

    private String read(String file) throws IOException {
        return Files.readString(yaml.resolve(file)).replace("'" + JWKS + "'", "'" + users.jwks() + "'");
    }

    /** Starts a caller with a door. */
    PodProcess startCaller(String name, String address) throws IOException, InterruptedException {
        return start(name, name, Web.class, new InetSocketAddress(address, DOOR_PORT), Map.of("app", name));
    }

    /**
     * Tells the mesh of the instance of reviews that a WorkloadEntry describes, and starts it. In this order, because istiod looks for the services of a workload when it
     * connects; until its port is open, requests that try it go to another one.
     */
    PodProcess startInstance(String name) throws IOException, InterruptedException {
        apply(file(name));
        Object document = new Load(LoadSettings.builder().build()).loadFromString(read(file(name)));
        Map<?, ?> spec = map(map(document).get("spec"));
        Map<String, String> labels = new HashMap<>();
        map(spec.get("labels")).forEach((key, value) -> labels.put(String.valueOf(key), String.valueOf(value)));
        String account = String.valueOf(spec.get("serviceAccount"));
        InetSocketAddress address = new InetSocketAddress(String.valueOf(spec.get("address")), REVIEWS_PORT);
        return start(name, account, Reviews.class, address, labels);
    }

    private static Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException("expected a map, found " + value);
    }

    private PodProcess start(
            String name, String account, Class<?> service, InetSocketAddress address, Map<String, String> labels)
            throws IOException, InterruptedException {
        PodProcess pod = PodProcess.start(controlPlane, folder, name, account, service, address, labels);
        pods.put(name, pod);
        return pod;
    }

    /** Tells the mesh that an instance is no more. */
    void deregister(String name) throws IOException, InterruptedException {
        controlPlane.api().delete(read(file(name)));
    }

    /** Ends a process. */
    void end(String name) {
        PodProcess pod = pods.remove(name);
        if (pod != null) {
            pod.close();
        }
    }

    private static String file(String name) {
        return "loopback/" + name + ".yaml";
    }

    @Override
    public void close() {
        List<PodProcess> all = new ArrayList<>(pods.values());
        all.forEach(PodProcess::close);
    }
}
