package io.inmesh.inbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.HandLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.NetworkFilterFactory;
import io.inmesh.model.ClientRules;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.FilterChainMatch;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.InboundChain;
import io.inmesh.model.InboundListener;
import io.inmesh.model.NetworkFilterConfig;
import io.inmesh.model.Route;
import io.inmesh.model.RouteTable;
import io.inmesh.model.UrlRules;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.MeshSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A server on port 8080 of 10.0.0.1 without anything around it, and a configuration that is quick to write. */
final class Server {
    static final int PORT = 8080;

    final ServerSource source = new ServerSource();
    final HandLoop loop = new HandLoop();
    final InboundEngine engine;
    final InboundPort port;
    private final Map<String, RouteTable> tables = new LinkedHashMap<>();
    private final List<InboundChain> chains = new ArrayList<>();
    private long generation;

    @Nullable
    Duration streamIdle;

    @Nullable
    Duration requestTimeout;

    ClientRules client = ClientRules.DEFAULT;

    @Nullable
    DownstreamTls tls;

    Server(FilterFactories filters, NetworkFilterFactory<?>... networkFilters) {
        engine = new InboundEngine(new InboundSettings(
                source,
                filters,
                List.of(networkFilters),
                new SplittableRandom(1),
                () -> Instant.EPOCH.plusNanos(loop.nanoTime())));
        port = engine.port(new BoundAddress("10.0.0.1", PORT));
    }

    Server() {
        this(FilterFactories.builtIn());
    }

    /** A chain for all connections with these routes in one virtual host. */
    Server chain(String name, FilterChainMatch match, Route... routes) {
        return chain(name, match, List.of(), List.of(), routes);
    }

    Server chain(
            String name,
            FilterChainMatch match,
            List<NetworkFilterConfig> networkFilters,
            List<HttpFilterConfig> filters,
            Route... routes) {
        tables.put(name, RouteTable.of(name, VirtualHost.of("all", List.of("*"), routes)));
        List<HttpFilterConfig> all = new ArrayList<>(filters);
        all.add(new HttpFilterConfig("router", new FilterConfig.Router(), false));
        HttpConnectionManager http =
                new HttpConnectionManager(name, name, all, streamIdle, requestTimeout, UrlRules.NONE, client);
        return chain(new InboundChain(name, match, tls, networkFilters, http, null));
    }

    Server chain(InboundChain chain) {
        chains.add(chain);
        return this;
    }

    /** Puts the chains since the last time in force. */
    Server publish() {
        return publish(
                new InboundListener("inbound", "10.0.0.1", PORT, false, true, true, List.copyOf(chains), null, null));
    }

    Server publish(@Nullable InboundListener listener) {
        engine.apply(new MeshSnapshot(
                ++generation,
                Map.of(),
                listener == null ? Map.of() : Map.of(listener.name(), listener),
                Map.copyOf(tables),
                Map.of(),
                Map.of(),
                Map.of()));
        chains.clear();
        return this;
    }

    static ConnectionArrival arrival() {
        return new ConnectionArrival(address("10.0.0.7"), 40_000, address("10.0.0.1"), PORT, false, "", List.of());
    }

    InboundConnection connect() {
        ChainChoice choice = port.choose(arrival());
        if (choice instanceof ChainChoice.Accepted accepted) {
            return accepted.established(facts());
        }
        throw new AssertionError(choice);
    }

    static DownstreamConnection facts() {
        return new DownstreamConnection(address("10.0.0.7"), 40_000, address("10.0.0.1"), PORT, null);
    }

    static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    Exchange get(String path, String... headers) {
        return request(connect(), "GET", path, true, headers);
    }

    Exchange request(InboundConnection connection, String method, String path, boolean endStream, String... headers) {
        return request("HTTP/1.1", connection, method, path, endStream, headers);
    }

    Exchange request(
            String protocol,
            InboundConnection connection,
            String method,
            String path,
            boolean endStream,
            String... headers) {
        Exchange exchange = new Exchange();
        RequestHead head = new RequestHead(method, "http", "shop.local", path, Headers.of(headers));
        exchange.request = connection.request(loop, head, endStream, protocol, exchange);
        exchange.request.start();
        loop.run();
        return exchange;
    }

    CallLoop loop() {
        return loop;
    }

    /** What became of a request. */
    static final class Exchange implements InboundRequest.Observer {
        InboundRequest request = new Nothing();

        @Nullable
        RequestHead accepted;

        @Nullable
        ResponseHead response;

        @Nullable
        LocalReply reply;

        @Nullable
        String reset;

        @Override
        public void onAccepted(RequestHead head) {
            accepted = head;
        }

        @Override
        public void onResponse(ResponseHead head, @Nullable LocalReply localReply) {
            if (response != null) {
                throw new AssertionError("a second response: " + head);
            }
            response = head;
            reply = localReply;
        }

        @Override
        public void onReset(String reason) {
            reset = reason;
        }

        RequestHead accepted() {
            return Objects.requireNonNull(accepted, () -> "not accepted, but " + response);
        }

        ResponseHead response() {
            return Objects.requireNonNull(response, "no response");
        }

        LocalReply reply() {
            return Objects.requireNonNull(reply, () -> "no answer of the mesh, but " + response);
        }
    }

    /** Before there is a request. */
    private static final class Nothing implements InboundRequest {
        @Override
        public void start() {}

        @Override
        public void active() {}

        @Override
        public void requestEnded() {}

        @Override
        public void respond(ResponseHead head) {}

        @Override
        public void end() {}

        @Override
        public io.inmesh.exchange.StreamInfo info() {
            return new io.inmesh.exchange.StreamInfo();
        }
    }
}
