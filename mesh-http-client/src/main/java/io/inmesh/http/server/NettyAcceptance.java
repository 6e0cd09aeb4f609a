package io.inmesh.http.server;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.transport.ServerTls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection whose chain is chosen: after its handshake, if it has one, the network filters look at it, and then its first bytes tell the version of HTTP. */
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes is seen where it is used
final class NettyAcceptance extends ByteToMessageDecoder {
    private static final Logger LOG = LoggerFactory.getLogger(NettyMeshServer.class);
    private static final int HANDSHAKE_RECORD = 0x16;

    private final ChainChoice.Accepted chain;
    private final ConnectionArrival arrival;
    private final @Nullable ServerTls tls;
    private final long generation;
    private final NettyCodecs codecs;
    private @Nullable InboundConnection connection;
    private @Nullable NettyPolicy policy;
    private boolean drains;

    /**
     * A connection before its handshake.
     *
     * @param tls        what the handler of TLS before this one was made by, or null if there is none
     * @param generation of it
     */
    NettyAcceptance(
            ChainChoice.Accepted chain,
            ConnectionArrival arrival,
            @Nullable ServerTls tls,
            long generation,
            NettyCodecs codecs) {
        this.chain = chain;
        this.arrival = arrival;
        this.tls = tls;
        this.generation = generation;
        this.codecs = codecs;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (tls == null) {
            establish(ctx, null);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            SslHandler handler = ctx.pipeline().get(SslHandler.class);
            if (!handshake.isSuccess() || handler == null || tls == null) {
                LOG.debug(
                        "The handshake of a connection from {} to {} failed",
                        arrival.remote(),
                        chain.chain(),
                        handshake.cause());
                ctx.close();
                return;
            }
            establish(ctx, tls.facts(handler.engine()));
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Nobody is behind this handler yet who could know more of it.
        LOG.debug("A connection from {} to {} broke", arrival.remote(), chain.chain(), cause);
        ctx.close();
    }

    private void establish(ChannelHandlerContext ctx, DownstreamConnection.@Nullable Tls facts) {
        InboundConnection established = chain.established(new DownstreamConnection(
                arrival.remote(), arrival.remotePort(), arrival.local(), arrival.localPort(), facts));
        ctx.channel().closeFuture().addListener(closed -> established.closed());
        String refusal = established.refusal();
        if (refusal != null) {
            refuse(ctx, refusal);
            return;
        }
        connection = tls == null ? established : watched(ctx, established, tls);
        NettyLoop loop = new NettyLoop(ctx.channel().eventLoop());
        connection.onDrain(() -> {
            if (loop.inLoop()) {
                drain(ctx); // a request that brings it about is the last one, and its response says so
            } else {
                loop.execute(() -> drain(ctx));
            }
        });
        connection.limit(loop);
        ctx.read();
    }

    private InboundConnection watched(ChannelHandlerContext ctx, InboundConnection established, ServerTls server) {
        NettyOutdatedTls watched = new NettyOutdatedTls(established, server, generation);
        watched.watch(ctx.channel());
        return watched;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) {
        InboundConnection established = connection;
        if (established == null) {
            bytes.skipBytes(bytes.readableBytes());
            return;
        }
        if (tls == null && bytes.getUnsignedByte(bytes.readerIndex()) == HANDSHAKE_RECORD) {
            refuse(ctx, "it speaks TLS, and the chain has none");
            bytes.skipBytes(bytes.readableBytes());
            return;
        }
        DownstreamConnection.Tls facts = established.facts().tls();
        String protocol = facts == null ? "" : facts.protocol();
        boolean http2 = NettyPreface.isIn(bytes) && (protocol.isEmpty() || protocol.equals("h2"));
        if (!http2 && !NettyPreface.isNotIn(bytes) && !NettyPreface.isIn(bytes)) {
            return;
        }
        NettyPolicy installed = codecs.install(ctx, established, bytes, http2 || protocol.equals("h2"));
        if (installed == null) {
            refuse(ctx, "the server has no codec for " + (http2 ? "HTTP/2" : "HTTP/1.1"));
            bytes.skipBytes(bytes.readableBytes());
            return;
        }
        policy = installed;
        ctx.channel().attr(NettyMeshServer.POLICY).set(installed);
        if (drains) {
            installed.drain();
        }
        ctx.pipeline().remove(this);
    }

    private void drain(ChannelHandlerContext ctx) {
        if (drains) {
            return;
        }
        drains = true;
        InboundConnection drained = connection;
        if (drained != null && drained.isRetired()) {
            Future<?> last = ctx.channel()
                    .eventLoop()
                    .schedule(() -> ctx.channel().close(), InboundConnection.DRAIN_TIME.toSeconds(), TimeUnit.SECONDS);
            ctx.channel().closeFuture().addListener(closed -> last.cancel(false));
        }
        NettyPolicy installed = policy;
        if (installed != null) {
            installed.drain();
        } else {
            ctx.channel().close();
        }
    }

    private void refuse(ChannelHandlerContext ctx, String reason) {
        LOG.debug(
                "A connection from {}:{} to {} is closed: {}",
                arrival.remote(),
                arrival.remotePort(),
                chain.chain(),
                reason);
        connection = null;
        ctx.close();
    }
}
