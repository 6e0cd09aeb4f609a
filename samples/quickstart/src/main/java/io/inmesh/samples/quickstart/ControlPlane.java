package io.inmesh.samples.quickstart;

import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real xDS server on loopback: java-control-plane's cache and discovery server, which gives every node the same snapshot. */
final class ControlPlane implements AutoCloseable {
    private static final String EVERY_NODE = "every node";

    private final InetSocketAddress address;
    private final SimpleCache<String> cache = new SimpleCache<>(node -> EVERY_NODE);
    private final Refusals refusals;
    private @Nullable Server server;

    ControlPlane(InetSocketAddress address, Screen screen) {
        this.address = address;
        this.refusals = new Refusals(screen);
    }

    /** What to serve from now on. */
    void serve(Snapshot snapshot) {
        cache.setSnapshot(EVERY_NODE, snapshot);
    }

    void start() throws IOException {
        V3DiscoveryServer discovery = new V3DiscoveryServer(refusals, cache);
        server = NettyServerBuilder.forAddress(address)
                .addService(discovery.getAggregatedDiscoveryServiceImpl())
                .build()
                .start();
    }

    /** Takes it away as a crash would: every stream breaks, and nobody listens any more. */
    void stop() throws InterruptedException {
        if (server != null) {
            server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
            server = null;
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.shutdownNow();
        }
    }
}
