package io.inmesh.xds.protocol;

import com.google.protobuf.Message;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SourceStatus.ResourceStatus;
import io.inmesh.transport.ClientTls;
import io.inmesh.xds.protocol.AdsStreams.AdsStream;
import io.inmesh.xds.protocol.SessionLoop.Timer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of the aggregated discovery service: one stream to one of several control planes, for all types of resources.
 *
 * <p>All methods are called on the session's loop, except {@link #connection()} and {@link #resources()}, which any thread may call.
 */
public final class AdsSession implements Subscriptions, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AdsSession.class);

    private final SessionLoop loop;
    private final List<XdsServer> servers;
    private final XdsNode node;
    private final AdsSettings settings;
    private final RandomGenerator random;
    private final AdsStreams streams;
    private final StatusBook status;
    private final Map<Integer, AdsStream> open = new HashMap<>();
    private final Map<AdsTimer, Timer> timers = new EnumMap<>(AdsTimer.class);

    private @Nullable AdsMachine machine;
    private @Nullable String health;
    private boolean inTurn;
    private boolean turnDue;
    private boolean closed;
    private volatile ConnectionStatus connection;
    private Consumer<ConnectionStatus> onConnection = status -> {};
    private final DiscoveryService service;

    AdsSession(
            SessionLoop loop,
            DiscoveryService service,
            List<XdsServer> servers,
            XdsNode node,
            AdsSettings settings,
            RandomGenerator random,
            AdsStreams streams) {
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("A session needs at least one server");
        }
        this.loop = loop;
        this.service = service;
        this.servers = List.copyOf(servers);
        this.node = node;
        this.settings = settings;
        this.random = random;
        this.streams = streams;
        this.status = new StatusBook(loop::now);
        this.connection = new ConnectionStatus(servers.get(0).target(), false, loop.now(), null);
    }

    /**
     * A session over gRPC that is not started yet.
     *
     * @param servers at least one, the preferred one first
     * @param tls     makes TLS of the settings of a server behind TLS
     */
    public static AdsSession create(
            SessionLoop loop,
            List<XdsServer> servers,
            XdsNode node,
            AdsSettings settings,
            RandomGenerator random,
            Function<UpstreamTls, ClientTls> tls) {
        return create(loop, servers, node, settings, random, DiscoveryService.AGGREGATED, tls);
    }

    /** A session that asks for secrets only, of the service that agents have: {@code envoy.service.secret.v3.SecretDiscoveryService}. */
    public static AdsSession forSecrets(
            SessionLoop loop,
            List<XdsServer> servers,
            XdsNode node,
            AdsSettings settings,
            RandomGenerator random,
            Function<UpstreamTls, ClientTls> tls) {
        return create(loop, servers, node, settings, random, DiscoveryService.SECRETS, tls);
    }

    private static AdsSession create(
            SessionLoop loop,
            List<XdsServer> servers,
            XdsNode node,
            AdsSettings settings,
            RandomGenerator random,
            DiscoveryService service,
            Function<UpstreamTls, ClientTls> tls) {
        return new AdsSession(
                loop, service, servers, node, settings, random, new GrpcStreams(loop, settings, service, tls));
    }

    /** Starts the session; called once, before anything is subscribed to. A stream is opened when something is. */
    public void start(ResourceHandler handler) {
        AdsMachine created = new AdsMachine(
                servers, settings, NodeMessage.of(node), handler, status, this::publish, loop::nanoTime, random);
        created.start();
        if (health != null) {
            created.reportHealth(health);
        }
        machine = created;
    }

    @Override
    public void subscribe(ResourceKind kind, String name) {
        started().subscribe(kind, name);
        endTurnSoon();
    }

    @Override
    public void unsubscribe(ResourceKind kind, String name) {
        started().unsubscribe(kind, name);
        endTurnSoon();
    }

    @Override
    public void wildcard(ResourceKind kind) {
        started().wildcard(kind);
        endTurnSoon();
    }

    /**
     * Reports the workload's health, as istiod takes it: on the stream in use behind its first request, and on each stream that comes after.
     *
     * @param problem why it is not healthy; empty if it is
     */
    public void reportHealth(String problem) {
        health = problem;
        if (machine != null) {
            machine.reportHealth(problem);
            endTurnSoon();
        }
    }

    /** Tells each later state of the connection, on the loop; called before {@link #start}. */
    public void onConnection(Consumer<ConnectionStatus> listener) {
        onConnection = listener;
    }

    /** The state of the connection. */
    public ConnectionStatus connection() {
        return connection;
    }

    /** The state of each resource; those who want it are not in it. */
    public List<ResourceStatus> resources() {
        return status.entries();
    }

    /** Ends all streams. The handler hears nothing more. */
    @Override
    public void close() {
        closed = true;
        timers.values().forEach(Timer::cancel);
        timers.clear();
        open.values().forEach(stream -> stream.close("the session is closed"));
        open.clear();
    }

    private AdsMachine started() {
        if (machine == null) {
            throw new IllegalStateException("The session is not started");
        }
        return machine;
    }

    private void endTurnSoon() {
        if (!inTurn && !turnDue) {
            turnDue = true;
            loop.execute(() -> {
                turnDue = false;
                turn(started()::endTurn);
            });
        }
    }

    private void turn(Runnable input) {
        if (closed) {
            return;
        }
        inTurn = true;
        try {
            input.run();
        } finally {
            inTurn = false;
        }
        started().drain().forEach(this::perform);
    }

    private void perform(AdsAction action) {
        if (action instanceof AdsAction.Open opened) {
            XdsServer server = servers.get(opened.server());
            open.put(opened.stream(), streams.open(server, opened.transport(), new Inputs(opened.stream())));
        } else if (action instanceof AdsAction.Send send) {
            AdsStream stream = open.get(send.stream());
            if (stream != null) {
                stream.send(send.message());
            }
        } else if (action instanceof AdsAction.Close close) {
            AdsStream stream = open.remove(close.stream());
            if (stream != null) {
                stream.close(close.reason());
            }
        } else if (action instanceof AdsAction.SetTimer set) {
            cancel(set.timer());
            timers.put(set.timer(), loop.schedule(() -> turn(() -> started().fired(set.timer())), set.delay()));
        } else if (action instanceof AdsAction.CancelTimer cancelled) {
            cancel(cancelled.timer());
        }
    }

    private void cancel(AdsTimer id) {
        Timer timer = timers.remove(id);
        if (timer != null) {
            timer.cancel();
        }
    }

    private void publish(ConnectionState state) {
        ConnectionStatus before = connection;
        String server = servers.get(state.server()).target();
        boolean same = before.connected() == state.connected();
        if (state.connected()) {
            log.info("In touch with the {} at {}", service.server(), server);
        } else if (before.connected()) {
            log.warn("Lost the {}; what it said last stays in force. {}", service.server(), state.error());
        } else if (state.expected()) {
            log.info("The {} is tried again until it takes this node: {}", service.server(), state.error());
        } else {
            log.warn("No {}: {}", service.server(), state.error());
        }
        connection = new ConnectionStatus(server, state.connected(), same ? before.since() : loop.now(), state.error());
        onConnection.accept(connection);
    }

    private final class Inputs implements AdsStreams.Listener {
        private final int stream;

        Inputs(int stream) {
            this.stream = stream;
        }

        @Override
        public void ready() {
            turn(() -> started().ready(stream));
        }

        @Override
        public void received(String typeUrl, Message response) {
            turn(() -> started().received(stream, typeUrl, response));
        }

        @Override
        public void ended(StreamEnd end) {
            open.remove(stream);
            turn(() -> started().ended(stream, end));
        }
    }
}
