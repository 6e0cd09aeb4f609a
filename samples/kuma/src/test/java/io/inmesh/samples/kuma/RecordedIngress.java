package io.inmesh.samples.kuma;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.inmesh.samples.kuma.recorded.ProxyConfiguration;
import io.inmesh.samples.kuma.recorded.Recording;
import io.inmesh.samples.kuma.recorded.ResourceType;
import io.inmesh.samples.stage.DaemonThreads;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The ingress of a zone by what kuma-cp sent to one: a filter chain for each server name, and behind each a cluster. It reads the ClientHello, and passes on all that
 * comes as it is.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the end of a connection is told to both of its sides
final class RecordedIngress implements AutoCloseable {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, DaemonThreads.named("ingress"), NioIoHandler.newFactory());
    private final Map<String, InetSocketAddress> clusters = new HashMap<>();
    private final List<String> serverNames = new CopyOnWriteArrayList<>();

    private RecordedIngress(ProxyConfiguration recorded, Listener listener) throws InvalidProtocolBufferException {
        for (FilterChain chain : listener.getFilterChainsList()) {
            String cluster =
                    chain.getFilters(0).getTypedConfig().unpack(TcpProxy.class).getCluster();
            InetSocketAddress endpoint =
                    address(recorded.get(ResourceType.ENDPOINTS, cluster, ClusterLoadAssignment.class)
                            .getEndpoints(0)
                            .getLbEndpoints(0)
                            .getEndpoint()
                            .getAddress()
                            .getSocketAddress());
            chain.getFilterChainMatch().getServerNamesList().forEach(name -> clusters.put(name, endpoint));
        }
    }

    static RecordedIngress start() throws IOException, InterruptedException {
        ProxyConfiguration recorded = Recording.of("two-zones/ingress");
        Listener listener = recorded.get(ResourceType.LISTENER, "self_zoneingress_dp_zone", Listener.class);
        RecordedIngress ingress = new RecordedIngress(recorded, listener);
        InetSocketAddress address = address(listener.getAddress().getSocketAddress());
        ChannelFuture bound = new ServerBootstrap()
                .group(ingress.group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(ingress.new ByServerName());
                    }
                })
                .bind(address)
                .await();
        if (!bound.isSuccess()) {
            ingress.close();
            throw new IOException("The ingress cannot listen at " + address, bound.cause());
        }
        return ingress;
    }

    private static InetSocketAddress address(SocketAddress address) {
        return new InetSocketAddress(address.getAddress(), address.getPortValue());
    }

    /** The server names of all connections so far, whether there is a way for them or not. */
    List<String> serverNames() {
        return serverNames;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** The connection to the cluster of the server name is what is looked up. */
    private final class ByServerName extends AbstractSniHandler<Channel> {
        @Override
        protected Future<Channel> lookup(ChannelHandlerContext context, @Nullable String hostname) {
            serverNames.add(String.valueOf(hostname));
            Promise<Channel> connected = context.executor().newPromise();
            InetSocketAddress endpoint = clusters.get(String.valueOf(hostname));
            if (endpoint == null) {
                return connected.setFailure(new IOException("no filter chain for " + hostname));
            }
            new Bootstrap()
                    .group(context.channel().eventLoop())
                    .channel(NioSocketChannel.class)
                    .handler(new Relay(context.channel()))
                    .connect(endpoint)
                    .addListener((ChannelFutureListener) done -> {
                        if (done.isSuccess()) {
                            connected.setSuccess(done.channel());
                        } else {
                            connected.setFailure(done.cause());
                        }
                    });
            return connected;
        }

        @Override
        protected void onLookupComplete(
                ChannelHandlerContext context, @Nullable String hostname, Future<Channel> connected) {
            if (connected.isSuccess()) {
                // What has been read so far goes to the handler in its place.
                context.pipeline().replace(this, null, new Relay(connected.getNow()));
            } else {
                context.close();
            }
        }
    }

    /** Passes on what one side says to the other one, its end too. */
    private static final class Relay extends ChannelInboundHandlerAdapter {
        private final Channel other;

        Relay(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            other.writeAndFlush(bytes);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
