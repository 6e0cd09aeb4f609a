package io.inmesh.outbound;

import io.inmesh.balancing.Host;
import io.inmesh.exchange.HandLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.filter.FilterFactories;
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
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.resilience.CircuitBreaker;
import io.inmesh.resilience.CircuitBreaker.Resource;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.snapshot.ResourceName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A whole engine with nothing around it, and a configuration that is quick to write. */
final class MeshFixture {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final HandLoop loop = new HandLoop();
    final ScriptedTransport transport = new ScriptedTransport();
    final HandSource source = new HandSource();
    final OutboundEngine engine;

    final Map<String, ClusterState> clusters = new HashMap<>();
    final Map<ResourceName, String> absent = new HashMap<>();
    final List<HttpFilterConfig> filters = new ArrayList<>();

    @Nullable
    Duration streamIdle = Duration.ofMinutes(5);

    @Nullable
    Duration requestTimeout;

    private long generation;

    MeshFixture() {
        this(destination -> false, FilterFactories.builtIn(), new SplittableRandom(1));
    }

    MeshFixture(Predicate<Destination> passthrough, FilterFactories factories, RandomGenerator random) {
        engine = new OutboundEngine(new OutboundSettings(
                source, PATIENCE, passthrough, factories, random, InstantSource.fixed(Instant.EPOCH)));
        source.start(engine::apply);
    }

    /** One virtual host {@code orders} with these routes, and the clusters so far. */
    MeshFixture publish(Route... routes) {
        return publish(virtualHost(routes));
    }

    static VirtualHost virtualHost(Route... routes) {
        return VirtualHost.of("orders-host", List.of("orders"), routes);
    }

    MeshFixture publish(VirtualHost virtualHost) {
        return publish("outbound", RouteTable.of("routes", virtualHost));
    }

    MeshFixture publish(String listenerName, RouteTable table) {
        List<HttpFilterConfig> chain = new ArrayList<>(filters);
        if (chain.isEmpty()) {
            chain.add(new HttpFilterConfig("router", new FilterConfig.Router(), false));
        }
        HttpConnectionManager http = new HttpConnectionManager("outbound", "routes", chain, streamIdle, requestTimeout);
        Listener listener = new Listener(listenerName, "0.0.0.0", 80, http, null);
        publish(Map.of(listenerName, listener), Map.of(table.name(), table));
        return this;
    }

    void publish(Map<String, Listener> listeners, Map<String, RouteTable> tables) {
        source.publish(new MeshSnapshot(++generation, listeners, tables, Map.copyOf(clusters), Map.copyOf(absent)));
    }

    /** A cluster with endpoints 10.0.0.1 and on. */
    MeshFixture cluster(String name, int hosts) {
        return cluster(name, hosts, Thresholds.DEFAULT, Cluster.DEFAULT_BUFFER_LIMIT);
    }

    MeshFixture cluster(String name, int hosts, Thresholds thresholds, int bufferLimit) {
        Endpoint[] endpoints = new Endpoint[hosts];
        for (int i = 0; i < hosts; i++) {
            endpoints[i] = Endpoint.of("10.0.0." + (i + 1), 8080);
        }
        Cluster cluster = new Cluster(
                name,
                new Discovery.Eds(name),
                Balancing.DEFAULT,
                Cluster.DEFAULT_CONNECT_TIMEOUT,
                thresholds,
                thresholds,
                HttpOptions.DEFAULT,
                bufferLimit,
                Map.of(),
                null);
        clusters.put(name, new ClusterState.Ready(cluster, Assignment.of(name, endpoints)));
        return this;
    }

    static Route route(RouteAction action) {
        return Route.of("all", RouteMatch.prefix("/"), action);
    }

    static Route to(String cluster) {
        return route(Forward.to(cluster));
    }

    static Route to(String cluster, Timeouts timeouts, @Nullable RetryPolicy retries) {
        return route(Forward.to(cluster).with(timeouts, retries));
    }

    static Timeouts timeout(@Nullable Duration response) {
        return new Timeouts(response, null, null);
    }

    Call get(String host) {
        return call("GET", host, "/", null);
    }

    Call post(String host) {
        return call("POST", host, "/", new HandBody());
    }

    Call call(String method, String authority, String path, @Nullable HandBody body, String... headers) {
        return call(new RequestHead(method, "http", authority, path, Headers.of(headers)), body, CallOptions.DEFAULT);
    }

    Call call(RequestHead head, @Nullable HandBody body, CallOptions options) {
        RecordingObserver observer = new RecordingObserver();
        Call call = new Call(
                engine.newCall(loop, transport, head, body, options, observer),
                observer,
                body == null ? new HandBody() : body);
        call.call().start();
        loop.run();
        return call;
    }

    /** A call, its observer and its body. */
    record Call(OutboundCall call, RecordingObserver observer, HandBody body) {
        Call ask() {
            call.request(Long.MAX_VALUE);
            return this;
        }
    }

    CircuitBreaker breaker(String cluster) {
        return engine.clusters().get(cluster).circuitBreaker(false);
    }

    int retriesUnderWay(String cluster) {
        return breaker(cluster).count(Resource.RETRIES);
    }

    int activeRequests(String cluster) {
        return engine.clusters().get(cluster).hosts().stream()
                .map(Host::activeRequests)
                .mapToInt(count -> count.get())
                .sum();
    }
}
