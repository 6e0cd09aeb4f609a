package io.inmesh.http;

import io.inmesh.Mesh;
import io.inmesh.exchange.IpAddress;
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
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A configuration made by hand: one listener for plain requests, the routes and clusters that a test adds, and passthrough for {@code https} and for the
 * hosts that a test names.
 */
final class FixedSource implements ConfigurationSource {
    private static final String NAME = "outbound";

    private final List<VirtualHost> virtualHosts = new ArrayList<>();
    private final Map<String, ClusterState> clusters = new HashMap<>();
    private final Map<String, List<String>> addresses = new HashMap<>();
    private final List<String> passthrough = new ArrayList<>();
    private final List<String> inMesh = new ArrayList<>();
    private boolean late;
    private @Nullable Consumer<MeshSnapshot> subscriber;

    FixedSource routes(String domain, Route... routes) {
        virtualHosts.add(VirtualHost.of(domain, List.of(domain, domain + ":*"), routes));
        return this;
    }

    FixedSource cluster(String name, HttpVersion version, InetSocketAddress... addresses) {
        return cluster(name, version, Thresholds.DEFAULT, Duration.ofSeconds(2), addresses);
    }

    FixedSource cluster(
            String name,
            HttpVersion version,
            Thresholds thresholds,
            Duration connectTimeout,
            InetSocketAddress... addresses) {
        HttpOptions standard = HttpOptions.DEFAULT;
        HttpOptions http = new HttpOptions(
                version,
                standard.idleTimeout(),
                standard.maxConnectionDuration(),
                standard.maxRequestsPerConnection(),
                standard.maxConcurrentStreams(),
                standard.maxResponseHeadersKb());
        Cluster cluster = new Cluster(
                name,
                new Discovery.Static(),
                Balancing.DEFAULT,
                connectTimeout,
                thresholds,
                thresholds,
                http,
                Cluster.DEFAULT_BUFFER_LIMIT,
                Map.of(),
                null);
        Endpoint[] endpoints = new Endpoint[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            endpoints[i] = Endpoint.of(addresses[i].getAddress().getHostAddress(), addresses[i].getPort());
        }
        clusters.put(name, new ClusterState.Ready(cluster, Assignment.of(name, endpoints)));
        return this;
    }

    /** A cluster without endpoints of its own. */
    FixedSource cluster(Cluster cluster) {
        clusters.put(cluster.name(), new ClusterState.Ready(cluster, Assignment.empty(cluster.name())));
        return this;
    }

    /** A catch-all virtual host, as Istio's {@code allow_any}. */
    FixedSource anyHost(Route... routes) {
        virtualHosts.add(VirtualHost.of("allow_any", List.of("*"), routes));
        return this;
    }

    /** A host name that only the mesh knows. */
    FixedSource address(String host, String... texts) {
        addresses.put(host, List.of(texts));
        return this;
    }

    FixedSource passthrough(String host) {
        passthrough.add(host);
        return this;
    }

    /** An address that the mesh has, whatever name has led there. */
    FixedSource inMesh(String address) {
        inMesh.add(address);
        return this;
    }

    /** Nothing is ever published. */
    FixedSource late() {
        late = true;
        return this;
    }

    Mesh mesh() {
        return Mesh.builder()
                .source(this)
                .configurationTimeout(Duration.ofMillis(late ? 100 : 5000))
                .build();
    }

    @Override
    public Dialect dialect() {
        return new Dialect() {
            @Override
            public String name() {
                return "fixed";
            }

            @Override
            public Directory index(MeshSnapshot snapshot) {
                return new Directory() {
                    @Override
                    public Choice choose(Destination destination) {
                        return choice(snapshot, destination);
                    }

                    @Override
                    public @Nullable Choice at(Destination destination, IpAddress address) {
                        Listener listener = snapshot.listeners().get(NAME);
                        return inMesh.contains(address.toString()) && listener != null && listener.http() != null
                                ? new Choice.Meshed(listener, listener.http())
                                : null;
                    }
                };
            }

            private Choice choice(MeshSnapshot snapshot, Destination destination) {
                if (destination.scheme().equals("https") || passthrough.contains(destination.host())) {
                    return new Choice.Passthrough("the test says so");
                }
                Listener listener = snapshot.listeners().get(NAME);
                if (destination.host().equals("refused.example") || listener == null || listener.http() == null) {
                    return new Choice.Refused("no listener takes " + destination.host());
                }
                return new Choice.Meshed(listener, listener.http());
            }
        };
    }

    @Override
    public void start(Consumer<MeshSnapshot> newSubscriber) {
        subscriber = newSubscriber;
        if (!late) {
            newSubscriber.accept(snapshot());
        }
    }

    @Override
    public Interest want(ResourceName name, String watcher) {
        return () -> {};
    }

    @Override
    public SourceStatus status() {
        return new SourceStatus("a test", subscriber != null, Instant.EPOCH, null, List.of());
    }

    @Override
    public void close() {
        subscriber = null;
    }

    private MeshSnapshot snapshot() {
        HttpConnectionManager http = new HttpConnectionManager(
                NAME, NAME, List.of(new HttpFilterConfig("router", new FilterConfig.Router(), false)), null, null);
        return new MeshSnapshot(
                1,
                Map.of(NAME, new Listener(NAME, null, 0, http, null)),
                Map.of(),
                Map.of(NAME, RouteTable.of(NAME, virtualHosts.toArray(VirtualHost[]::new))),
                Map.copyOf(clusters),
                Map.of(),
                Map.copyOf(addresses),
                Map.of());
    }
}
