package io.inmesh.http.server;

import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.ChainChoice;
import io.inmesh.inbound.ConnectionArrival;
import io.inmesh.inbound.InboundPort;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.InboundListener.Inspection;
import io.inmesh.transport.FirstBytes;
import io.inmesh.transport.ServerTls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that was accepted: its first bytes are looked at, if anything depends on them, its chain is chosen, and the chain's TLS put into the pipeline once its
 * secrets are there. Goes away afterwards.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes is seen where it is used
final class NettyArrival extends ByteToMessageDecoder {
    private static final Logger LOG = LoggerFactory.getLogger(NettyMeshServer.class);

    /** For the secrets of its TLS, which a client must not wait for without end. */
    private static final Duration SECRETS_LIMIT = Duration.ofSeconds(15);

    private final InboundPort port;
    private final ChainTls tls;
    private final NettyCodecs codecs;
    private boolean begun;
    private boolean chosen;
    private @Nullable Future<?> limit;
    private @Nullable Runnable stopWaiting;

    NettyArrival(InboundPort port, ChainTls tls, NettyCodecs codecs) {
        this.port = port;
        this.tls = tls;
        this.codecs = codecs;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) {
            begin(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        begin(ctx);
        super.channelActive(ctx);
    }

    private void begin(ChannelHandlerContext ctx) {
        if (begun) {
            return;
        }
        begun = true;
        if (!port.inspects()) {
            choose(ctx, false, "", List.of());
            return;
        }
        Inspection inspection = port.inspection();
        Duration time = inspection.timeout();
        if (time != null) {
            limit(ctx, time, () -> {
                if (inspection.continues()) {
                    choose(ctx, false, "", List.of());
                } else {
                    refuse(ctx, "in " + time.toMillis() + " ms it did not get its first bytes");
                }
            });
        }
        ctx.read();
    }

    private void limit(ChannelHandlerContext ctx, Duration time, Runnable then) {
        limit = ctx.channel().eventLoop().schedule(then, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) {
        if (chosen) {
            if (bytes.readableBytes() > FirstBytes.MAX_BYTES) {
                refuse(ctx, "it sends on while its TLS is not ready");
            }
            return;
        }
        inspect(ctx, bytes);
    }

    private void choose(ChannelHandlerContext ctx, boolean isTls, String serverName, List<String> protocols) {
        chosen = true;
        done();
        InetSocketAddress remote = inet(ctx.channel().remoteAddress());
        InetSocketAddress local = inet(ctx.channel().localAddress());
        if (remote == null || local == null) {
            refuse(ctx, "its addresses are not of the internet");
            return;
        }
        ConnectionArrival arrival = new ConnectionArrival(
                IpAddress.of(remote.getAddress().getAddress()),
                remote.getPort(),
                IpAddress.of(local.getAddress().getAddress()),
                local.getPort(),
                isTls,
                serverName,
                protocols);
        ChainChoice choice = port.choose(arrival);
        if (choice instanceof ChainChoice.Refused refused) {
            refuse(ctx, refused.reason());
        } else if (choice instanceof ChainChoice.Accepted accepted) {
            accept(ctx, accepted, arrival);
        }
    }

    private void accept(ChannelHandlerContext ctx, ChainChoice.Accepted accepted, ConnectionArrival arrival) {
        DownstreamTls settings = accepted.tls();
        if (settings == null) {
            proceed(ctx, new NettyAcceptance(accepted, arrival, null, 0, codecs));
            return;
        }
        ServerTls server = tls.of(settings);
        String awaited = server.awaited();
        limit(
                ctx,
                SECRETS_LIMIT,
                () -> refuse(ctx, "in " + SECRETS_LIMIT.toSeconds() + " s it did not get " + awaited));
        Runnable stop = server.whenReady(ctx.channel().eventLoop(), problem -> {
            if (ctx.isRemoved() || !ctx.channel().isActive()) {
                return;
            }
            if (problem != null) {
                refuse(ctx, problem);
                return;
            }
            // Before the handler is made: one that is newer than it was said to be is drained too early, never too
            // late.
            long generation = server.generation();
            secure(ctx, server, new NettyAcceptance(accepted, arrival, server, generation, codecs));
        });
        if (!ctx.isRemoved()) {
            stopWaiting = stop;
        }
    }

    private void secure(ChannelHandlerContext ctx, ServerTls server, NettyAcceptance next) {
        try {
            ctx.pipeline().addAfter(ctx.name(), null, server.newHandler(ctx.alloc()));
        } catch (SSLException e) {
            LOG.warn("No TLS for a connection from {}", ctx.channel().remoteAddress(), e);
            ctx.close();
            return;
        }
        String handler = ctx.pipeline().names().get(ctx.pipeline().names().indexOf(ctx.name()) + 1);
        ctx.pipeline().addAfter(handler, null, next);
        done();
        ctx.pipeline().remove(this);
    }

    private void proceed(ChannelHandlerContext ctx, NettyAcceptance next) {
        ctx.pipeline().addAfter(ctx.name(), null, next);
        done();
        ctx.pipeline().remove(this);
    }

    private void refuse(ChannelHandlerContext ctx, String reason) {
        done();
        LOG.debug("A connection from {} is closed: {}", ctx.channel().remoteAddress(), reason);
        chosen = true;
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        done();
        super.channelInactive(ctx);
    }

    private void done() {
        if (limit != null) {
            limit.cancel(false);
            limit = null;
        }
        if (stopWaiting != null) {
            stopWaiting.run();
            stopWaiting = null;
        }
    }

    private static @Nullable InetSocketAddress inet(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress internet && !internet.isUnresolved() ? internet : null;
    }

    private void inspect(ChannelHandlerContext ctx, ByteBuf bytes) {
        FirstBytes first = FirstBytes.look(bytes.nioBuffer());
        if (first instanceof FirstBytes.Tls hello) {
            choose(ctx, true, hello.serverName().toLowerCase(Locale.ROOT), hello.applicationProtocols());
        } else if (first instanceof FirstBytes.Plaintext clear) {
            choose(ctx, false, "", clear.protocol().isEmpty() ? List.of() : List.of(clear.protocol()));
        } else if (first instanceof FirstBytes.Malformed malformed) {
            refuse(ctx, malformed.reason());
        }
    }
}
