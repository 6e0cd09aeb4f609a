package io.inmesh.samples.quickstart;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.inmesh.samples.stage.Screen;
import io.inmesh.samples.stage.Traffic;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A mesh of three nodes with mutual TLS, each in this process and with an identity of its own: {@code orders} serves, {@code web} and {@code batch} call. The control
 * plane has their certificates from an authority that is made for the scene.
 */
final class SecureMesh {
    static final String ORDERS = "orders";
    private static final String WEB = "web";
    private static final String BATCH = "batch";

    private final Options options;
    private final Screen screen;

    SecureMesh(Options options, Screen screen) {
        this.options = options;
        this.screen = screen;
    }

    /** Plays the scene. */
    boolean run() throws Exception {
        ProcessLog log = ProcessLog.install(screen);
        Path folder = options.copy("mtls");
        Authority authority = new Authority("root-1");
        try (MeshFolder meshFolder = new MeshFolder(folder, screen);
                ControlPlane controlPlane = new ControlPlane(options.controlPlane(), Node::getId, screen)) {
            Snapshot first = meshFolder.read();
            Identities identities = new Identities(controlPlane, List.of(ORDERS, WEB, BATCH), first, authority);
            controlPlane.start();
            meshFolder.watch(identities::folder);
            InetSocketAddress address = meshFolder.addresses(ORDERS).get(0);

            try (Workload orders = Workload.join(ORDERS, controlPlane.target());
                    Workload web = Workload.join(WEB, controlPlane.target());
                    Workload batch = Workload.join(BATCH, controlPlane.target());
                    OrdersServer server = new OrdersServer(orders, address);
                    Caller webCaller = new Caller(web);
                    Caller batchCaller = new Caller(batch);
                    Traffic traffic = new Traffic(
                            webCaller.client(),
                            Caller.address("/orders/7"),
                            Quickstart.REQUESTS_A_SECOND,
                            OrdersApplication.CALLERS_CERTIFICATE,
                            List.of())) {
                web.mesh().awaitReady(Duration.ofSeconds(20));
                batch.mesh().awaitReady(Duration.ofSeconds(20));
                screen.note("control plane on " + controlPlane.target() + ", configuration in " + folder + ", "
                        + orders.tls().provider());
                Rotation rotation =
                        new Rotation(screen, identities, authority, List.of(orders, web, batch), webCaller, traffic);
                return new SecureScene(
                                screen, folder, log, identities, rotation, server, webCaller, batchCaller, traffic)
                        .play();
            }
        }
    }
}
