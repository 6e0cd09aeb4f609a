package io.inmesh.http.server;

import io.inmesh.exchange.StreamInfo;
import io.inmesh.inbound.InboundPort;
import io.inmesh.security.MeshPrincipal;
import io.inmesh.transport.MeshTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/**
 * Puts a server on Netty into the mesh: the control plane's listener decides which connections it takes, with which TLS, and which requests get to the application. One for
 * each bound port.
 *
 * <p>A server of one's own, whose handlers see HTTP objects as from Netty's {@code HttpServerCodec}, on the connection (HTTP/1.1) or on a channel for each stream of it
 * (HTTP/2, by ALPN and by prior knowledge):
 *
 * <pre>{@code
 * InboundPort port = mesh.inbound().port(new BoundAddress("0.0.0.0", 8080));
 * new ServerBootstrap()
 *         .group(group)
 *         .channel(NioServerSocketChannel.class)
 *         .childHandler(NettyMeshServer.of(port, tls).childHandler(application))
 *         .bind(8080);
 * }</pre>
 *
 * <p>A server that has codecs of its own, such as reactor-netty's; TLS is the mesh's affair, so it is told of none:
 *
 * <pre>{@code
 * NettyMeshServer server = NettyMeshServer.of(port, tls);
 * HttpServer.create()
 *         .port(8080)
 *         .protocol(HttpProtocol.HTTP11, HttpProtocol.H2C)
 *         .doOnChannelInit((observer, channel, remote) -> server.attach(channel))
 *         .handle(...)
 * }</pre>
 *
 * <p>Requests in HTTP/1.1 that RFC 9112 forbids are answered as by Envoy, with its default limits: 60 KiB and 100 fields for a head, no HTTP/1.0, no methods unknown to
 * it, no {@code CONNECT}. {@code Expect: 100-continue} is answered before the application sees the request, as by Envoy.
 *
 * <p>Thread-safe.
 */
public final class NettyMeshServer {
    static final AttributeKey<NettyPolicy> POLICY = AttributeKey.valueOf(NettyMeshServer.class, "policy");

    private final InboundPort port;
    private final ChainTls tls;

    private NettyMeshServer(InboundPort port, MeshTls tls) {
        this.port = port;
        this.tls = new ChainTls(tls);
    }

    /**
     * For the connections of a port.
     *
     * @param port what the mesh says of the port that the server binds; closed by whoever made it
     * @param tls  makes the TLS of its connections; closed by whoever made it
     */
    public static NettyMeshServer of(InboundPort port, MeshTls tls) {
        return new NettyMeshServer(port, tls);
    }

    /**
     * The child handler of a server without codecs.
     *
     * @param application added behind the codecs, once for a connection in HTTP/1.1 and once for each stream of one in HTTP/2: a {@link ChannelInitializer}, or a handler
     *                    that is {@linkplain ChannelHandler.Sharable sharable}. A request's body is read as its channel reads, so a handler that reads on demand holds a
     *                    fast client back
     * @throws IllegalArgumentException if it can be added to one pipeline only
     */
    public ChannelHandler childHandler(ChannelHandler application) {
        if (application instanceof ChannelHandlerAdapter adapter && !adapter.isSharable()) {
            throw new IllegalArgumentException(
                    application.getClass().getName() + " is added to many pipelines, but not @Sharable");
        }
        NettyCodecs codecs = new NettyOwnCodecs(application);
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new NettyArrival(port, tls, codecs));
            }
        };
    }

    /**
     * Puts the mesh into the pipeline of a connection that was just accepted, before all handlers that are there. The server's codecs must be in the pipeline, or get there
     * when its handlers see the first bytes of the connection: an {@code HttpServerCodec}, or an {@code Http2FrameCodec} with an {@code Http2MultiplexHandler}. A
     * connection for whose protocol there is none is closed.
     */
    public void attach(Channel channel) {
        channel.pipeline().addFirst(new NettyArrival(port, tls, NettyForeignCodecs.INSTANCE));
    }

    /**
     * Who sent the request that a channel carries; null if there is none at the moment, or if nothing about its sender was verified. From any thread.
     *
     * @param channel of the connection (HTTP/1.1), or of the stream (HTTP/2)
     */
    public static @Nullable MeshPrincipal principal(Channel channel) {
        NettyExchange exchange = exchange(channel);
        return exchange == null ? null : exchange.principal();
    }

    /**
     * What the mesh knows of the request that a channel carries: connection, route, metadata; null if there is none at the moment. To be used on the channel's event loop
     * only.
     *
     * @param channel as for {@link #principal}
     */
    public static @Nullable StreamInfo info(Channel channel) {
        NettyExchange exchange = exchange(channel);
        return exchange == null ? null : exchange.info();
    }

    private static @Nullable NettyExchange exchange(Channel channel) {
        NettyPolicy policy = channel.attr(POLICY).get();
        if (policy == null && channel.parent() != null) {
            policy = channel.parent().attr(POLICY).get();
        }
        return policy == null ? null : policy.exchange(channel);
    }
}
