package io.inmesh.samples.quickstart;

import io.inmesh.http.server.NettyMeshServer;
import io.inmesh.inbound.InboundPort;
import io.inmesh.samples.stage.DaemonThreads;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
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

/** The orders service: a server with Netty's own means, and the mesh before its handlers. */
final class OrdersServer implements AutoCloseable {
    private static final int LONGEST_BODY = 64 << 10;

    private final InetSocketAddress address;
    private final InboundPort port;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, DaemonThreads.named("orders"), NioIoHandler.newFactory());
    private final OrdersApplication application = new OrdersApplication();

    OrdersServer(Workload workload, InetSocketAddress address) throws Exception {
        this.address = address;
        port = workload.mesh().inbound().port(new BoundAddress(address.getHostString(), address.getPort()));
        port.awaitReady(Duration.ofSeconds(20));
        NettyMeshServer mesh = NettyMeshServer.of(port, workload.tls());
        ServerBootstrap server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(mesh.childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpObjectAggregator(LONGEST_BODY), application);
                    }
                }));
        if (!server.bind(address).await().isSuccess()) {
            close();
            throw new IOException("the address of orders, " + address
                    + ", is taken; change it in mtls/endpoints.yaml and mtls/inbound.yaml and start again");
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** How many requests have got to the application. */
    long requests() {
        return application.requests();
    }

    /** Ends it with its connections. */
    @Override
    public void close() {
        port.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
