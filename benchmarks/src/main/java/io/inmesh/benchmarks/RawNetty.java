package io.inmesh.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The least that Netty can do: one event loop, no limits, no timeouts, no checks, nothing of a mesh. A lower bound, not a client. Its futures take the
 * same way to the caller as those of the others.
 */
final class RawNetty implements Candidate {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NativeTransport.ioHandler());
    private final EventLoop loop = group.next();
    private final RawConnections connections;

    RawNetty(boolean http2, int port) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(NativeTransport.channel())
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress("127.0.0.1", port);
        connections = http2 ? new RawHttp2(bootstrap) : new RawHttp1(bootstrap);
    }

    @Override
    public String name() {
        return "raw Netty";
    }

    @Override
    public int send() throws Exception {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        loop.execute(() -> connections.send(answer));
        return answer.get(10, TimeUnit.SECONDS);
    }

    @Override
    public CompletableFuture<Integer> sendAsync() {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        loop.execute(() -> connections.send(answer));
        return answer.whenCompleteAsync((length, failure) -> {}, ForkJoinPool.commonPool());
    }

    @Override
    public void end() throws InterruptedException {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    /** Connections to the one server, used on the loop only. */
    interface RawConnections {
        void send(CompletableFuture<Integer> answer);
    }

    /** What a connection's pipeline is made of. */
    static ChannelInitializer<Channel> pipeline(Consumer<Channel> handlers) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                handlers.accept(channel);
            }
        };
    }
}
