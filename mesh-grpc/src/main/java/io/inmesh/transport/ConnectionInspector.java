package io.inmesh.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the first bytes of a connection that was accepted, then gives way to the handlers that suit them, which see the bytes as if nobody had looked.
 *
 * <p>It is the only handler of the connection until then: what speaks first, as HTTP/2 does with its settings, is added by {@link Next}. A connection that does
 * not say what it is in time, or sends what is neither, is closed; Envoy's time is {@link #TIMEOUT}.
 *
 * <p>Everything runs on the connection's event loop.
 */
// The outcome of a close is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
public final class ConnectionInspector extends ByteToMessageDecoder {

    /** {@code listener_filters_timeout}. */
    public static final Duration TIMEOUT = Duration.ofSeconds(15);

    private static final Logger log = LoggerFactory.getLogger(ConnectionInspector.class);

    private final Duration timeout;
    private final Next next;
    private @Nullable ScheduledFuture<?> expiry;
    private boolean decided;

    /** What comes after the look. */
    public interface Next {
        /**
         * The connection has said what it is: a {@link FirstBytes.Tls} or a {@link FirstBytes.Plaintext}. Whoever wants to go on adds handlers after the
         * inspector, now or later, and then runs {@code goOn}; until then nothing more is read. Whoever does not closes the channel.
         *
         * @param ctx  the inspector's
         * @param goOn to be run once, on the event loop
         */
        void arrived(ChannelHandlerContext ctx, FirstBytes first, Runnable goOn);
    }

    /** Inspects one connection. */
    public ConnectionInspector(Duration timeout, Next next) {
        this.timeout = timeout;
        this.next = next;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        expiry = ctx.executor()
                .schedule(
                        () -> {
                            if (!decided) {
                                decided = true;
                                refuse(ctx, "it has not said what it is for " + timeout);
                            }
                        },
                        timeout.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (expiry != null) {
            expiry.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        decided = true; // nobody is there any more to go on with
        if (expiry != null) {
            expiry.cancel(false);
        }
        super.channelInactive(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (decided) {
            return;
        }
        FirstBytes first = FirstBytes.look(in.nioBuffer());
        if (first == null) {
            return;
        }
        decided = true;
        if (first instanceof FirstBytes.Malformed malformed) {
            refuse(ctx, malformed.reason());
            return;
        }
        boolean reading = ctx.channel().config().isAutoRead();
        ctx.channel().config().setAutoRead(false);
        next.arrived(ctx, first, () -> goOn(ctx, reading));
    }

    private void goOn(ChannelHandlerContext ctx, boolean reading) {
        if (ctx.isRemoved()) {
            return;
        }
        ctx.pipeline().remove(this); // hands the bytes on
        ctx.channel().config().setAutoRead(reading);
    }

    private static void refuse(ChannelHandlerContext ctx, String reason) {
        log.debug("Connection from {} is closed: {}", ctx.channel().remoteAddress(), reason);
        ctx.close();
    }
}
