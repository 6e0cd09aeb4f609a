package io.inmesh.http.server;

import io.inmesh.Mesh;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.transport.MeshTls;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A process of the mesh that calls one server by the name {@code shop.local}, with TLS of the mesh. */
final class CallingMesh implements AutoCloseable, ConfigurationSource, Dialect {
    private static final String NAME = "shop";

    final MeshHttpClient client;
    private final MeshSnapshot snapshot;
    private final Mesh mesh;
    private boolean closed;

    CallingMesh(int port, MeshTls tls, UpstreamTls settings) {
        Cluster cluster = new Cluster(
                        NAME,
                        new Discovery.Static(),
                        Balancing.DEFAULT,
                        Duration.ofSeconds(10),
                        Thresholds.DEFAULT,
                        Thresholds.DEFAULT,
                        HttpOptions.DEFAULT,
                        Cluster.DEFAULT_BUFFER_LIMIT,
                        Map.of(),
                        null)
                .with(new TransportSocket.Tls(settings), List.of());
        HttpConnectionManager http = new HttpConnectionManager(
                NAME, NAME, List.of(new HttpFilterConfig("router", new FilterConfig.Router(), false)), null, null);
        Route all = Route.of("all", RouteMatch.prefix("/"), RouteAction.Forward.to(NAME));
        snapshot = new MeshSnapshot(
                1,
                Map.of(NAME, new Listener(NAME, null, 0, http, null)),
                Map.of(NAME, RouteTable.of(NAME, VirtualHost.of("all", List.of("*"), all))),
                Map.of(NAME, new ClusterState.Ready(cluster, Assignment.of(NAME, Endpoint.of("127.0.0.1", port)))),
                Map.of());
        mesh = Mesh.builder().source(this).build();
        client = MeshHttpClient.newBuilder(mesh).meshTls(tls).build();
    }

    @Override
    public Dialect dialect() {
        return this;
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public Directory index(MeshSnapshot indexed) {
        return this::choose;
    }

    private Choice choose(Destination destination) {
        Listener listener = snapshot.listeners().get(NAME);
        return listener == null || listener.http() == null
                ? new Choice.Refused("no listener")
                : new Choice.Meshed(listener, listener.http());
    }

    @Override
    public void start(Consumer<MeshSnapshot> subscriber) {
        subscriber.accept(snapshot);
    }

    @Override
    public Interest want(ResourceName name, String watcher) {
        return () -> {};
    }

    @Override
    public SourceStatus status() {
        return new SourceStatus("a test", true, Instant.EPOCH, null, List.of());
    }

    /** Comes back from the mesh, whose source it is. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        client.shutdownNow();
        client.close();
        mesh.close();
    }
}
