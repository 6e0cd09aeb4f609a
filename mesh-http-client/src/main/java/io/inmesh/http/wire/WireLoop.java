package io.inmesh.http.wire;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.TransportSocket;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import io.inmesh.outbound.UpstreamTarget.ToHost;
import io.inmesh.outbound.UpstreamTransport.Listener;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One event loop with the pools whose connections live on it. All state is touched on the loop only. */
final class WireLoop implements CallLoop {
    private final EventLoop eventLoop;
    private final Wiring wiring;
    private final Runnable onDone;
    /** By {@link PoolKey#origin}, so that a host that goes is found among any number of others. */
    private final Map<Object, Map<PoolKey, ConnectionPool>> pools = new HashMap<>();

    /** The first of the streams that have not ended, linked both ways through themselves. */
    private @Nullable WireStream firstLive;

    private boolean shutDown;
    private boolean done;
    private int channels;

    WireLoop(EventLoop eventLoop, Wiring wiring, Runnable onDone) {
        this.eventLoop = eventLoop;
        this.wiring = wiring;
        this.onDone = onDone;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    Wiring wiring() {
        return wiring;
    }

    boolean isShutDown() {
        return shutDown;
    }

    WireStream open(UpstreamTarget target, RequestHead head, boolean endStream, Listener listener) {
        WireStream stream = new WireStream(this, target, head, endStream, listener);
        stream.nextLive = firstLive;
        if (firstLive != null) {
            firstLive.previousLive = stream;
        }
        firstLive = stream;
        // Behind the caller's own task, so that the caller has the stream in hand before the first callback.
        eventLoop.execute(stream);
        return stream;
    }

    /** A stream has ended. */
    void forget(WireStream stream) {
        WireStream before = stream.previousLive;
        WireStream after = stream.nextLive;
        if (before != null) {
            before.nextLive = after;
        } else {
            firstLive = after;
        }
        if (after != null) {
            after.previousLive = before;
        }
        stream.previousLive = null;
        stream.nextLive = null;
        if (shutDown && firstLive == null) {
            eventLoop.execute(this::finish);
        }
    }

    ConnectionPool poolFor(UpstreamTarget target) {
        PoolKey key = PoolKey.of(target);
        Map<PoolKey, ConnectionPool> ofOrigin = pools.computeIfAbsent(key.origin(), unused -> new HashMap<>(2));
        ConnectionPool pool = ofOrigin.get(key);
        if (pool == null) {
            pool = new ConnectionPool(this, key, Destination.of(target, wiring.options()), key.version());
            ofOrigin.put(key, pool);
        }
        return pool;
    }

    /** A pool has neither connections nor waiting streams. */
    void forget(ConnectionPool pool) {
        Object origin = pool.key().origin();
        Map<PoolKey, ConnectionPool> ofOrigin = pools.get(origin);
        if (ofOrigin != null && ofOrigin.remove(pool.key(), pool) && ofOrigin.isEmpty()) {
            pools.remove(origin);
        }
    }

    /** Drains the connections to a host. */
    void drain(Host host) {
        if (!eventLoop.isShuttingDown()) {
            unlessEnded(() ->
                    List.copyOf(pools.getOrDefault(host, Map.of()).values()).forEach(ConnectionPool::drain));
        }
    }

    /** Drains the connections to all hosts of a cluster. */
    void drain(UpstreamCluster cluster) {
        if (!eventLoop.isShuttingDown()) {
            unlessEnded(() -> allPools().forEach(pool -> {
                if (pool.destination().target() instanceof ToHost toHost && toHost.cluster() == cluster) {
                    pool.drain();
                }
            }));
        }
    }

    /** As they are now, whatever becomes of them meanwhile. */
    private List<ConnectionPool> allPools() {
        return pools.values().stream()
                .flatMap(ofOrigin -> ofOrigin.values().stream())
                .toList();
    }

    /** Takes no new streams; {@code now}: ends those under way too. */
    void shutdown(boolean now) {
        if (eventLoop.isShuttingDown()) {
            return;
        }
        unlessEnded(() -> {
            shutDown = true;
            if (now) {
                Reset reset = new Reset(ResetReason.LOCAL_RESET, "the transport was closed", null);
                while (firstLive != null) {
                    firstLive.fail(reset);
                }
            }
            allPools().forEach(ConnectionPool::drain);
            if (firstLive == null) {
                finish();
            }
        });
    }

    private void finish() {
        if (done || firstLive != null) {
            return;
        }
        allPools().forEach(ConnectionPool::close);
        // Not before: a channel that closes at once must not end the loop while others are open, nor end it twice.
        done = true;
        endIfIdle();
    }

    /** Counts a channel until it is closed: a loop that ended before would leave what its handlers hold. */
    void watch(Channel channel) {
        channels++;
        channel.closeFuture().addListener(closed -> {
            channels--;
            endIfIdle();
        });
    }

    private void endIfIdle() {
        if (done && channels == 0) {
            onDone.run();
        }
    }

    @Override
    public boolean inLoop() {
        return eventLoop.inEventLoop();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
        Future<?> scheduled = eventLoop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public void execute(Runnable task) {
        eventLoop.execute(task);
    }

    /** For what comes from outside and may come too late: a loop that has ended has nothing left to close. */
    private void unlessEnded(Runnable task) {
        try {
            eventLoop.execute(task);
        } catch (RejectedExecutionException ended) {
            return;
        }
    }

    /**
     * What connections are shared by: the host itself, the priority and the TLS that they have, or the destination's name.
     *
     * @param origin a {@link io.inmesh.balancing.Host}, compared by identity, or a {@link Passthrough}
     * @param socket a host's transport socket, the same object as long as nothing in it changes; null outside the mesh
     * @param tls    what of TLS follows the request; null in the clear
     */
    record PoolKey(
            Object origin,
            boolean highPriority,
            HttpVersion version,
            @Nullable TransportSocket socket,
            @Nullable RequestTls tls) {

        /** Within those of one origin, and without the socket, whose settings are long; a host seldom has two. */
        @Override
        public int hashCode() {
            return 31 * version.hashCode() + (tls == null ? 0 : tls.hashCode());
        }

        static PoolKey of(UpstreamTarget target) {
            if (target instanceof ToHost toHost) {
                TransportSocket socket = toHost.host().transport();
                HttpVersion configured = toHost.cluster().configuration().http().version();
                return new PoolKey(
                        toHost.host(),
                        toHost.highPriority(),
                        version(configured, toHost.callerVersion(), socket),
                        socket,
                        socket instanceof TransportSocket.Plaintext ? null : toHost.tls());
            }
            Passthrough passthrough = (Passthrough) target;
            return new PoolKey(passthrough, false, passthrough.version(), null, null);
        }

        /**
         * In the clear there is no ALPN to ask, so a caller that would like HTTP/2 gets HTTP/1.1, as an Envoy would see it arrive; and a host without TLS in a
         * cluster that chooses by ALPN gets HTTP/1.1, as Envoy's mixed pool falls back.
         */
        private static HttpVersion version(HttpVersion configured, HttpVersion caller, TransportSocket socket) {
            HttpVersion version = configured == HttpVersion.AS_CALLER ? caller : configured;
            return version == HttpVersion.ALPN && socket instanceof TransportSocket.Plaintext
                    ? HttpVersion.HTTP_1
                    : version;
        }
    }
}
