package io.inmesh.grpc;

import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.Grpc;
import io.grpc.InternalChannelz;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import io.grpc.internal.GrpcAttributes;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.inmesh.model.UpstreamTls;
import io.inmesh.transport.ClientTls;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Puts mesh TLS below gRPC on one connection that is up, once its secrets are there, and tells gRPC how the connection is protected. */
final class ClientTlsNegotiation extends InternalProtocolNegotiators.ProtocolNegotiationHandler {
    private static final List<String> HTTP2 = List.of("h2");

    private final ClientTls tls;
    private final Duration patience;
    private @Nullable Runnable stopWaiting;
    private @Nullable Future<?> timeout;
    private boolean settled;

    ClientTlsNegotiation(ChannelHandler next, ChannelLogger logger, ClientTls tls, Duration patience) {
        super(next, logger);
        this.tls = tls;
        this.patience = patience;
    }

    /** The connection is up: everything before this handler is done. */
    @Override
    protected void protocolNegotiationEventTriggered(ChannelHandlerContext ctx) {
        Runnable stop = tls.whenReady(ctx.executor(), reason -> ready(ctx, reason));
        if (!settled) {
            stopWaiting = stop;
            timeout = ctx.executor().schedule(() -> late(ctx), patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void ready(ChannelHandlerContext ctx, @Nullable String reason) {
        if (settled) {
            return;
        }
        settle();
        if (reason != null) {
            fail(ctx, "TLS is not possible: " + reason, null);
            return;
        }
        UpstreamTls settings = tls.settings();
        List<String> allowed = settings.autoSniSanValidation() ? List.of(settings.sni()) : List.of();
        try {
            SslHandler handler = tls.newHandler(ctx.alloc(), settings.sni(), HTTP2, allowed);
            ctx.pipeline().addBefore(ctx.name(), null, handler);
        } catch (SSLException e) {
            fail(ctx, "TLS is not possible", e);
        }
    }

    private void late(ChannelHandlerContext ctx) {
        if (!settled) {
            String awaited = tls.awaited();
            settle();
            fail(ctx, "TLS is not possible yet after " + patience + ": awaiting " + awaited, null);
        }
    }

    private void settle() {
        settled = true;
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    protected void userEventTriggered0(ChannelHandlerContext ctx, Object event) throws Exception {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            super.userEventTriggered0(ctx, event);
        } else if (!handshake.isSuccess()) {
            fail(ctx, "the TLS handshake failed", handshake.cause());
        } else {
            SSLSession session = ctx.pipeline().get(SslHandler.class).engine().getSession();
            replaceProtocolNegotiationEvent(secured(getProtocolNegotiationEvent(), session));
            fireProtocolNegotiationEvent(ctx);
        }
    }

    private static ProtocolNegotiationEvent secured(ProtocolNegotiationEvent event, SSLSession session) {
        Attributes attributes = InternalProtocolNegotiationEvent.getAttributes(event).toBuilder()
                .set(GrpcAttributes.ATTR_SECURITY_LEVEL, SecurityLevel.PRIVACY_AND_INTEGRITY)
                .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
                .build();
        return InternalProtocolNegotiationEvent.withSecurity(
                InternalProtocolNegotiationEvent.withAttributes(event, attributes),
                new InternalChannelz.Security(new InternalChannelz.Tls(session)));
    }

    private static void fail(ChannelHandlerContext ctx, String what, @Nullable Throwable cause) {
        ctx.fireExceptionCaught(
                Status.UNAVAILABLE.withDescription(what).withCause(cause).asRuntimeException());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) throws Exception {
        settle();
        if (stopWaiting != null) {
            stopWaiting.run();
        }
        super.handlerRemoved(ctx);
    }
}
