package io.inmesh.samples.quickstart;

import io.envoyproxy.controlplane.cache.NodeGroup;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.inmesh.samples.stage.Screen;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real xDS server on loopback: java-control-plane's cache and discovery server, which has a snapshot for each group of nodes. */
final class ControlPlane implements AutoCloseable {
    /** The one group of a mesh whose nodes all get the same. */
    static final String EVERY_NODE = "every node";

    private final InetSocketAddress address;
    private final SimpleCache<String> cache;
    private final Refusals refusals;
    private @Nullable Server server;

    ControlPlane(InetSocketAddress address, NodeGroup<String> groups, Screen screen) {
        this.address = address;
        this.cache = new SimpleCache<>(groups);
        this.refusals = new Refusals(screen);
    }

    /** What to serve to a group of nodes from now on. */
    void serve(String group, Snapshot snapshot) {
        cache.setSnapshot(group, snapshot);
    }

    /** Where clients find it. */
    String target() {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    void start() throws IOException {
        V3DiscoveryServer discovery = new V3DiscoveryServer(refusals, cache);
        server = NettyServerBuilder.forAddress(address)
                .intercept(new NodeOfStream())
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
