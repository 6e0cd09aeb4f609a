package io.inmesh.samples.kuma;

import io.inmesh.http.server.NettyMeshServer;
import io.inmesh.inbound.InboundPort;
import io.inmesh.samples.stage.DaemonThreads;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An instance of orders: a server with Netty's own means, and the mesh before its handlers. It listens where its Dataplane says, and nowhere else. */
final class OrdersServer implements AutoCloseable {
    private static final int LONGEST_BODY = 64 << 10;
    private static final int PATIENCE_SECONDS = 20;

    private final Member member;
    private final InboundPort port;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, DaemonThreads.named("orders"), NioIoHandler.newFactory());

    private final ChannelHandler application;
    private @Nullable Channel listening;

    private OrdersServer(Member member, ChannelHandler application) {
        this.member = member;
        this.application = application;
        Workload workload = member.workload();
        port = member.mesh().inbound().port(new BoundAddress(workload.address(), Workload.PORT));
    }

    static OrdersServer start(Member member) throws Exception {
        return start(member, new OrdersApplication(member.workload()));
    }

    /** With another application, which several connections share. */
    static OrdersServer start(Member member, ChannelHandler application) throws Exception {
        OrdersServer server = new OrdersServer(member, application);
        try {
            server.listen();
            return server;
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    private void listen() throws Exception {
        Workload workload = member.workload();
        // Before that the port would not know whom to let in.
        port.awaitReady(Duration.ofSeconds(40));
        NettyMeshServer mesh = NettyMeshServer.of(port, member.tls());
        ServerBootstrap server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(mesh.childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpObjectAggregator(LONGEST_BODY), application);
                    }
                }));
        InetSocketAddress address = new InetSocketAddress(workload.address(), Workload.PORT);
        ChannelFuture bound = server.bind(address).await();
        if (!bound.isSuccess()) {
            throw new IOException(workload.name() + " cannot listen at " + address, bound.cause());
        }
        listening = bound.channel();
    }

    @Override
    public void close() {
        port.close();
        if (listening != null) {
            // Whoever starts next may listen there.
            listening.close().awaitUninterruptibly();
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
