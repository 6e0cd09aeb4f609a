package io.inmesh.benchmarks;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.xds.XdsDialect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One snapshot, made in code: the table of 200 virtual hosts and one more, whose only cluster is the server of the comparison. */
final class FixedSource implements ConfigurationSource {
    static final String AUTHORITY = "hello.shop.svc.cluster.local:8080";
    private static final int PORT = 8080;
    private static final int MANY = 100_000;
    private static final String CLUSTER = "hello";

    private final MeshSnapshot snapshot;

    FixedSource(boolean http2, int port) {
        List<VirtualHost> hosts = new ArrayList<>(SampleRoutes.table().virtualHosts());
        hosts.add(VirtualHost.of(
                "hello",
                List.of("hello.shop.svc.cluster.local", AUTHORITY),
                Route.of("hello", RouteMatch.prefix("/"), Forward.to(CLUSTER))));
        RouteTable table = RouteTable.of("measured", hosts.toArray(VirtualHost[]::new));
        HttpConnectionManager http = new HttpConnectionManager(
                "measured",
                table.name(),
                List.of(new HttpFilterConfig("router", new FilterConfig.Router(), false)),
                Duration.ofMinutes(5),
                null);
        Listener listener = new Listener("0.0.0.0_8080", "0.0.0.0", PORT, http, null);
        Thresholds thresholds = new Thresholds(MANY, MANY, MANY, 3, null);
        HttpOptions options = new HttpOptions(
                http2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1, Duration.ofHours(1), null, 0, 1024, 60);
        Cluster cluster = new Cluster(
                CLUSTER,
                new Discovery.Static(),
                Balancing.DEFAULT,
                Cluster.DEFAULT_CONNECT_TIMEOUT,
                thresholds,
                thresholds,
                options,
                Cluster.DEFAULT_BUFFER_LIMIT,
                Map.of(),
                null);
        snapshot = new MeshSnapshot(
                1,
                Map.of(listener.name(), listener),
                Map.of(table.name(), table),
                Map.of(
                        CLUSTER,
                        new ClusterState.Ready(cluster, Assignment.of(CLUSTER, Endpoint.of("127.0.0.1", port)))),
                Map.of());
    }

    @Override
    public Dialect dialect() {
        return XdsDialect.envoy();
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
        return new SourceStatus("fixed", true, Instant.EPOCH, null, List.of());
    }

    @Override
    public void close() {}
}
