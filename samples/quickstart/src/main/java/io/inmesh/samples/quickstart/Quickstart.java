package io.inmesh.samples.quickstart;

import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Traffic;
import io.inmesh.xds.XdsSource;
import io.inmesh.xds.files.ResourceFileException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A small mesh on one machine: a control plane over a folder of YAML, six backends, and a client with Inmesh behind it; or, with {@code --mtls}, what {@link SecureMesh}
 * is.
 */
public final class Quickstart {
    static final int REQUESTS_A_SECOND = 300;
    private static final URI SHOP = URI.create("http://shop/basket");

    private final Options options;
    private final Screen screen;

    private Quickstart(Options options, Screen screen) {
        this.options = options;
        this.screen = screen;
    }

    /**
     * Plays the scene, or stays.
     *
     * @param args the sample's folder, then what {@link Options} describes
     */
    public static void main(String[] args) throws Exception {
        Screen screen = new Screen(System.out, Boolean.getBoolean("quickstart.terminal"));
        boolean good;
        try {
            Options options = Options.parse(args);
            good = options.mtls() ? new SecureMesh(options, screen).run() : new Quickstart(options, screen).run();
        } catch (IllegalArgumentException | IOException | ResourceFileException e) {
            screen.warn(String.valueOf(e.getMessage()));
            good = false;
        }
        System.exit(good ? 0 : 1);
    }

    private boolean run() throws Exception {
        Path folder = options.stay() ? options.home().resolve("mesh") : options.copy("mesh");
        List<Backend> backends = new ArrayList<>();
        try (MeshFolder meshFolder = new MeshFolder(folder, screen);
                ControlPlane controlPlane =
                        new ControlPlane(options.controlPlane(), node -> ControlPlane.EVERY_NODE, screen)) {
            startBackends(backends, "v1", meshFolder.addresses("shop-v1"));
            startBackends(backends, "v2", meshFolder.addresses("shop-v2"));
            controlPlane.serve(ControlPlane.EVERY_NODE, meshFolder.read());
            controlPlane.start();
            meshFolder.watch(changed -> controlPlane.serve(ControlPlane.EVERY_NODE, changed));

            String server = controlPlane.target();
            try (Mesh mesh = Mesh.builder()
                    .source(XdsSource.builder().server(server).build())
                    .build()) {
                MeshHttpClient client = MeshHttpClient.create(mesh);
                mesh.awaitReady(Duration.ofSeconds(20));
                screen.note("control plane on " + server + ", configuration in " + folder);
                return options.stay() ? stay(client) : play(client, folder, controlPlane, backends);
            }
        } finally {
            backends.forEach(Backend::close);
        }
    }

    private boolean play(MeshHttpClient client, Path folder, ControlPlane controlPlane, List<Backend> backends)
            throws IOException, InterruptedException {
        try (Traffic traffic = new Traffic(client, SHOP, REQUESTS_A_SECOND, "x-version", List.of("v1", "v2"))) {
            return new Scene(screen, folder, controlPlane, backends, traffic).play();
        }
    }

    private boolean stay(MeshHttpClient client) throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), options.frontEndPort());
        try (FrontEnd frontEnd = new FrontEnd(client, address)) {
            frontEnd.start();
            screen.title("try: curl localhost:" + address.getPort() + "/basket");
            screen.note("edit the files and save; Ctrl-C ends it");
            new CountDownLatch(1).await();
            return true;
        }
    }

    private static void startBackends(List<Backend> backends, String version, List<InetSocketAddress> addresses)
            throws IOException {
        for (InetSocketAddress address : addresses) {
            backends.add(new Backend(version, address));
        }
    }
}
