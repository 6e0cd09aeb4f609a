package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.filter.FilterFactories;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.inbound.InboundEngine;
import io.inmesh.inbound.InboundPort;
import io.inmesh.inbound.InboundRequest;
import io.inmesh.inbound.InboundSettings;
import io.inmesh.model.RouteTable;
import io.inmesh.security.JwksFetcher;
import io.inmesh.security.JwtFilterFactory;
import io.inmesh.security.SecurityFilters;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.xds.XdsDialect;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the engine what becomes of connections and requests at one listener, which is decoded as if a control plane had sent it. */
public final class InboundSide {
    /** Nothing is fetched here, so its thread is never made. */
    private static final ScheduledExecutorService SCHEDULER = new ScheduledThreadPoolExecutor(1);

    private final InboundPort port;

    /** An engine with one listener, and a server that is bound where the listener is. */
    public InboundSide(Listener listener) {
        this(
                listener,
                new Dialect.BoundAddress(
                        listener.getAddress().getSocketAddress().getAddress(),
                        listener.getAddress().getSocketAddress().getPortValue()));
    }

    /** An engine with one listener, and a server. */
    public InboundSide(Listener listener, Dialect.BoundAddress server) {
        Decoded<DecodedListener> decoded = ResourceDecoder.listener(listener.getName(), Any.pack(listener));
        if (!(decoded instanceof Decoded.Accepted<DecodedListener> accepted)) {
            throw new IllegalArgumentException(decoded.toString());
        }
        DecodedListener value = accepted.value();
        Map<String, RouteTable> tables = new HashMap<>();
        value.inboundRoutes().forEach(table -> tables.put(table.name(), table));
        InboundEngine engine = new InboundEngine(new InboundSettings(
                new Silent(),
                SecurityFilters.addTo(
                        FilterFactories.builtIn(),
                        new JwtFilterFactory(
                                JwksFetcher.NONE, source -> false, SCHEDULER, InstantSource.fixed(Instant.EPOCH))),
                SecurityFilters.forConnections(),
                new SplittableRandom(1),
                InstantSource.fixed(Instant.EPOCH)));
        port = engine.port(server);
        engine.apply(new MeshSnapshot(
                1,
                Map.of(),
                Map.of(listener.getName(), Objects.requireNonNull(value.inbound(), "no listener of a server")),
                tables,
                Map.of(),
                Map.of(),
                Map.of()));
    }

    /** In words. */
    public String status() {
        return port.status();
    }

    /** The choice for a connection. */
    public ChainChoice choose(ConnectionArrival arrival) {
        return port.choose(arrival);
    }

    /** Sends a request on a connection that is established. */
    public Answer ask(ConnectionArrival arrival, DownstreamConnection facts, RequestHead head) {
        ChainChoice choice = choose(arrival);
        if (!(choice instanceof ChainChoice.Accepted accepted)) {
            throw new IllegalStateException(choice.toString());
        }
        InboundConnection connection = accepted.established(facts);
        Answer answer = new Answer();
        if (connection.refusal() != null) {
            answer.refusal = connection.refusal();
            return answer;
        }
        InboundRequest request = connection.request(new ManualCallLoop(), head, true, "HTTP/1.1", answer);
        request.start();
        answer.remote = String.valueOf(request.info().remoteAddress());
        return answer;
    }

    /** What became of a request. */
    public static final class Answer implements InboundRequest.Observer {
        private @Nullable RequestHead accepted;
        private @Nullable ResponseHead response;
        private @Nullable String refusal;
        private String remote = "";

        /** Whose request it was. */
        public String remote() {
            return remote;
        }

        @Override
        public void onAccepted(RequestHead head) {
            accepted = head;
        }

        @Override
        public void onResponse(ResponseHead head, @Nullable LocalReply reply) {
            response = head;
        }

        /** The head as the application gets it, or null. */
        public @Nullable RequestHead accepted() {
            return accepted;
        }

        /** The mesh's own answer, or null. */
        public @Nullable ResponseHead response() {
            return response;
        }

        /** {@code closed}, the status of the mesh's own answer, or {@code application}. */
        public String outcome() {
            if (refusal != null) {
                return "closed";
            }
            return response == null ? "application" : Integer.toString(response.status());
        }
    }

    /** Has nothing to say by itself. */
    private static final class Silent implements ConfigurationSource {
        @Override
        public Dialect dialect() {
            return XdsDialect.envoy();
        }

        @Override
        public void start(Consumer<MeshSnapshot> subscriber) {}

        @Override
        public Interest want(ResourceName name, String watcher) {
            return () -> {};
        }

        @Override
        public SourceStatus status() {
            return new SourceStatus("silent", true, Instant.EPOCH, null, List.of());
        }

        @Override
        public void close() {}
    }
}
