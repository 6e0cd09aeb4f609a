package io.inmesh.http.wire;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamListener;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.RequestHead;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTransport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The transport over TCP: Netty event loops, each with its own connection pools per host, as Envoy's worker threads have them; so a call never leaves
 * its loop and takes no lock.
 *
 * <p>HTTP/1.1 and HTTP/2 by the cluster's protocol options; for destinations outside the mesh HTTP/1.1, or what ALPN selects under the application's TLS.
 *
 * <p>It is an {@link UpstreamListener}, to be added to the registry of the clusters that it serves, so that connections go when their hosts do.
 *
 * <p>Thread-safe, except that {@link #open} is called on the loop that it is given.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the outcome of a close or a write is seen where the channel ends
public final class NettyTransport implements UpstreamTransport, UpstreamListener, AutoCloseable {
    private static final int MOST_DEFAULT_LOOPS = 4;
    private static final int OFFLOAD_THREADS = 16;
    private static final int OFFLOAD_IDLE_SECONDS = 10;

    /** Names that wait for a resolver which does not answer: bounded, for requests may make up as many as they like. */
    private static final int MOST_LOOKUPS = 16 * 1024;

    private final EventLoopGroup group;
    private final ThreadPoolExecutor offload;
    private final ThreadPoolExecutor lookups;
    private final WireLoop[] loops;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger loopsAtWork;
    private final AtomicBoolean shutDown = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private NettyTransport(WireOptions options) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends SocketChannel> channelType = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        int count = options.loops() > 0 ? options.loops() : defaultLoops();
        group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("inmesh-wire", true), io);
        offload = threads("inmesh-wire-offload", Integer.MAX_VALUE);
        lookups = threads("inmesh-wire-dns", MOST_LOOKUPS);
        Wiring wiring = new Wiring(
                options,
                channelType,
                new NameLookup(options.resolver(), lookups),
                new ChannelSecurity(options, offload));
        loopsAtWork = new AtomicInteger(count);
        List<WireLoop> made = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            EventLoop eventLoop = group.next();
            made.add(new WireLoop(eventLoop, wiring, this::loopIsDone));
        }
        loops = made.toArray(new WireLoop[0]);
        // Raw type of Netty's future: nothing but its completion matters.
        group.terminationFuture().addListener(done -> closed.complete(null));
    }

    /** Threads that end when there is nothing to do. */
    private static ThreadPoolExecutor threads(String name, int mostWaiting) {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                OFFLOAD_THREADS,
                OFFLOAD_THREADS,
                OFFLOAD_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(mostWaiting),
                new DefaultThreadFactory(name, true));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** A transport with its threads; to be closed. */
    public static NettyTransport create(WireOptions options) {
        return new NettyTransport(options);
    }

    private static int defaultLoops() {
        return Math.max(1, Math.min(MOST_DEFAULT_LOOPS, Runtime.getRuntime().availableProcessors() / 2));
    }

    /** The loop for the next call; all of them in turn. */
    public CallLoop next() {
        return loops[Math.floorMod(next.getAndIncrement(), loops.length)];
    }

    @Override
    public UpstreamStream open(
            CallLoop loop, UpstreamTarget target, RequestHead head, boolean endStream, Listener listener) {
        if (!(loop instanceof WireLoop wireLoop)) {
            throw new IllegalArgumentException("not a loop of this transport: " + loop);
        }
        return wireLoop.open(target, head, endStream, listener);
    }

    @Override
    public void hostRetired(UpstreamCluster cluster, Host host) {
        for (WireLoop loop : loops) {
            loop.drain(host);
        }
    }

    @Override
    public void connectionsOutdated(UpstreamCluster cluster) {
        for (WireLoop loop : loops) {
            loop.drain(cluster);
        }
    }

    /** Takes no further attempts ({@code LOCAL_RESET}), lets those under way finish, then closes. Returns at once; may be repeated. */
    public void shutdown() {
        shutDown.set(true);
        for (WireLoop loop : loops) {
            loop.shutdown(false);
        }
    }

    /** Closes now: attempts under way end with {@code LOCAL_RESET}. Returns at once; may be repeated. */
    @Override
    public void close() {
        shutDown.set(true);
        for (WireLoop loop : loops) {
            loop.shutdown(true);
        }
    }

    /** Done when all connections are closed and all threads have ended. */
    public CompletionStage<Void> closed() {
        return closed.minimalCompletionStage();
    }

    private void loopIsDone() {
        if (loopsAtWork.decrementAndGet() == 0) {
            offload.shutdown();
            // Nobody waits for a name any more.
            lookups.shutdownNow();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
