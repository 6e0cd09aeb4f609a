package io.inmesh.http.wire;

import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.ResetReason;
import io.inmesh.http.wire.WireLoop.PoolKey;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.resilience.CircuitBreaker;
import io.inmesh.resilience.CircuitBreaker.Resource;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop to one host, and the streams that wait for one. It decides as Envoy's {@code ConnPoolImplBase}: the connection that was
 * used last comes first; a stream without a connection waits and may cause a new one; {@code max_connections} makes streams wait, but never keeps
 * the first connection of a host from being made; a connection that fails fails all that wait, so that they may go elsewhere.
 */
// The outcome of a close or a write is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionPool {
    private static final Reset TOO_MANY_PENDING =
            new Reset(ResetReason.OVERFLOW, "the cluster's limit of pending requests is reached", null);
    private static final Reset TOO_MANY_REQUESTS =
            new Reset(ResetReason.OVERFLOW, "the cluster's limit of requests is reached", null);

    private final WireLoop loop;
    private final PoolKey key;
    private final Destination destination;
    private final HttpVersion version;
    private final @Nullable CircuitBreaker breaker;
    private final @Nullable ChannelTls tls;
    private final @Nullable SSLException tlsProblem;
    private final ArrayDeque<WireStream> pending = new ArrayDeque<>();

    /** Connections with room, the one used last in front. */
    private final ArrayDeque<Connection> ready = new ArrayDeque<>();

    private final Set<Connection> all = new HashSet<>();
    private final Set<ConnectAttempt> attempts = new HashSet<>();

    /** Known once a connection of an ALPN pool was made. */
    private @Nullable Boolean alpnChoseHttp2;

    /** A stream is being given a connection, so the pool is in use even if its last connection turns out to be outdated and closes. */
    private boolean opening;

    private boolean closed;

    ConnectionPool(WireLoop loop, PoolKey key, Destination destination, HttpVersion version) {
        this.loop = loop;
        this.key = key;
        this.destination = destination;
        this.version = version;
        this.breaker = destination.breaker();
        ChannelTls secured = null;
        SSLException problem = null;
        try {
            secured = loop.wiring().security().of(destination.target());
        } catch (SSLException e) {
            problem = e;
        }
        this.tls = secured;
        this.tlsProblem = problem;
    }

    /** The TLS of its connections, or null for none. */
    @Nullable
    ChannelTls tls() {
        return tls;
    }

    /** Why it can have no connection at all, or null. */
    @Nullable
    SSLException tlsProblem() {
        return tlsProblem;
    }

    PoolKey key() {
        return key;
    }

    WireLoop loop() {
        return loop;
    }

    Destination destination() {
        return destination;
    }

    HttpVersion version() {
        return version;
    }

    /** Gives a stream a connection, now or later. */
    void open(WireStream stream) {
        opening = true;
        Connection connection = readyConnection();
        opening = false;
        if (connection != null) {
            attach(connection, stream);
            return;
        }
        if (breaker != null && !breaker.allows(Resource.PENDING_REQUESTS)) {
            stream.fail(TOO_MANY_PENDING);
            forgetIfEmpty();
            return;
        }
        count(Resource.PENDING_REQUESTS);
        pending.add(stream);
        stream.waitIn(this);
        connectIfNeeded();
    }

    /** A stream does not wait any longer. */
    void cancelPending(WireStream stream) {
        if (pending.remove(stream)) {
            uncount(Resource.PENDING_REQUESTS);
            forgetIfEmpty();
        }
    }

    void established(ConnectAttempt attempt, Channel channel, boolean http2, @Nullable SSLSession session) {
        attempts.remove(attempt);
        if (version == HttpVersion.ALPN) {
            alpnChoseHttp2 = http2;
        }
        HttpOptions http = destination.http();
        Connection connection =
                http2 ? new MultiplexedConnection(this, channel, session) : new Http1Connection(this, channel, session);
        connection.tlsGeneration = attempt.tlsGeneration();
        connection.remaining =
                http.maxRequestsPerConnection() > 0 ? http.maxRequestsPerConnection() : Integer.MAX_VALUE;
        all.add(connection);
        channel.closeFuture().addListener(done -> closed(connection));
        connection.lifetime().begin(http);
        offer(connection);
        if (connection.active == 0 && destination.retired()) {
            drain(connection);
        }
        connectIfNeeded();
    }

    void failed(ConnectAttempt attempt, Reset reset) {
        attempts.remove(attempt);
        uncount(Resource.CONNECTIONS);
        // Only those that wait now: what a listener starts in its turn gets a connection of its own.
        for (int waiting = pending.size(); waiting > 0; waiting--) {
            WireStream stream = pending.poll();
            if (stream == null) {
                break;
            }
            uncount(Resource.PENDING_REQUESTS);
            stream.fail(reset);
        }
        connectIfNeeded();
        forgetIfEmpty();
    }

    /**
     * Ends the streams that must not go to one of a name's addresses. Returns whether the attempt goes on: not if it was for them only, and then it was
     * given up.
     */
    boolean admits(ConnectAttempt attempt, List<InetSocketAddress> addresses) {
        if (!destination.isNamed() || pending.isEmpty()) {
            return true;
        }
        List<WireStream> waiting = List.copyOf(pending);
        for (InetSocketAddress each : addresses) {
            IpAddress address = Connection.ip(each);
            waiting.forEach(stream -> stream.isKeptFrom(address));
        }
        if (!pending.isEmpty() || !attempts.remove(attempt)) {
            return !pending.isEmpty();
        }
        uncount(Resource.CONNECTIONS);
        attempt.abandon();
        forgetIfEmpty();
        return false;
    }

    /** A place on a connection is free again. */
    void streamEnded(Connection connection) {
        uncount(Resource.REQUESTS);
        connection.active--;
        boolean leaving = destination.retired() || loop.isShutDown();
        if (connection.draining || connection.remaining == 0 || (leaving && pending.isEmpty())) {
            drain(connection);
            connectIfNeeded();
            return;
        }
        if (connection.active == 0) {
            connection.lifetime().idle();
        }
        offer(connection);
    }

    /** The connection's room has changed. */
    void offer(Connection connection) {
        if (!connection.ready && connection.hasRoom()) {
            connection.ready = true;
            ready.addFirst(connection);
        }
        while (!pending.isEmpty()) {
            Connection next = readyConnection();
            if (next == null) {
                return;
            }
            WireStream stream = pending.remove();
            uncount(Resource.PENDING_REQUESTS);
            attach(next, stream);
        }
    }

    /** No new streams for the connection; closes it when it has none. */
    void drain(Connection connection) {
        connection.draining = true;
        unready(connection);
        if (connection.active == 0) {
            connection.close();
        }
    }

    /** No new streams for any connection that there is; streams that wait get new ones. */
    void drain() {
        for (Connection connection : List.copyOf(all)) {
            drain(connection);
        }
    }

    /** Ends connections and attempts; no stream waits any more. */
    void close() {
        closed = true;
        for (ConnectAttempt attempt : List.copyOf(attempts)) {
            attempts.remove(attempt);
            uncount(Resource.CONNECTIONS);
            attempt.abandon();
        }
        for (Connection connection : List.copyOf(all)) {
            connection.close();
        }
        forgetIfEmpty();
    }

    private void attach(Connection connection, WireStream stream) {
        if (destination.isNamed() && stream.isKeptFrom(connection.remoteIp())) {
            return;
        }
        if (breaker != null && !breaker.allows(Resource.REQUESTS)) {
            stream.fail(TOO_MANY_REQUESTS);
            return;
        }
        count(Resource.REQUESTS);
        connection.active++;
        connection.remaining--;
        if (!connection.hasRoom()) {
            unready(connection);
        }
        stream.attach(connection);
    }

    private @Nullable Connection readyConnection() {
        while (true) {
            Connection first = ready.peekFirst();
            if (first == null) {
                return null;
            }
            if (isOutdated(first)) {
                drain(first);
            } else if (first.hasRoom()) {
                return first;
            } else {
                unready(first);
            }
        }
    }

    private boolean isOutdated(Connection connection) {
        return tls != null && tls.isOutdated(connection.tlsGeneration);
    }

    private void unready(Connection connection) {
        if (connection.ready) {
            connection.ready = false;
            ready.remove(connection);
        }
    }

    private void connectIfNeeded() {
        while (!closed && pending.size() > expectedRoom()) {
            boolean first = all.isEmpty() && attempts.isEmpty();
            if (!first && breaker != null && !breaker.allows(Resource.CONNECTIONS)) {
                return;
            }
            count(Resource.CONNECTIONS);
            ConnectAttempt attempt = new ConnectAttempt(this, loop);
            attempts.add(attempt);
            attempt.start();
        }
    }

    /** How many streams the connections in the making will take. */
    private long expectedRoom() {
        long each =
                switch (version) {
                    case HTTP_1, AS_CALLER -> 1;
                    case HTTP_2 -> destination.http().maxConcurrentStreams();
                    // Until ALPN has answered once, all wait for that answer.
                    case ALPN ->
                        Boolean.FALSE.equals(alpnChoseHttp2)
                                ? 1
                                : destination.http().maxConcurrentStreams();
                };
        return attempts.size() * Math.max(1, each);
    }

    private void closed(Connection connection) {
        connection.draining = true;
        unready(connection);
        connection.lifetime().end();
        all.remove(connection);
        uncount(Resource.CONNECTIONS);
        connectIfNeeded();
        forgetIfEmpty();
    }

    private void forgetIfEmpty() {
        if (!opening && all.isEmpty() && attempts.isEmpty() && pending.isEmpty()) {
            loop.forget(this);
        }
    }

    private void count(Resource resource) {
        if (breaker != null) {
            breaker.acquire(resource);
        }
    }

    private void uncount(Resource resource) {
        if (breaker != null) {
            breaker.release(resource);
        }
    }
}
