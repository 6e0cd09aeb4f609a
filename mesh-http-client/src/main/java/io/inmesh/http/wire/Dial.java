package io.inmesh.http.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** TCP, and TLS over it, to one address. Ends with exactly one call of its attempt, unless it was cancelled. */
// The outcome of a close or a write is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
final class Dial {
    /** Ends the pipeline until HTTP does. What goes wrong is told by the handshake's future. */
    static final ChannelHandler HANDSHAKE_END = new HandshakeEnd();

    private final ConnectAttempt attempt;
    private final WireLoop loop;
    private final @Nullable ChannelTls tls;
    private final InetSocketAddress address;
    private @Nullable Channel channel;
    private @Nullable Throwable tlsUnavailable;
    private long tlsGeneration;
    private boolean over;

    Dial(ConnectAttempt attempt, WireLoop loop, @Nullable ChannelTls tls, InetSocketAddress address) {
        this.attempt = attempt;
        this.loop = loop;
        this.tls = tls;
        this.address = address;
    }

    /** Of the secrets that its TLS was made with. */
    long tlsGeneration() {
        return tlsGeneration;
    }

    void start() {
        ChannelFuture connecting = new Bootstrap()
                .group(loop.eventLoop())
                .channel(loop.wiring().channelType())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                // Bytes are read when someone wants them.
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel made) {
                        secure(made);
                    }
                })
                .connect(address);
        channel = connecting.channel();
        loop.watch(connecting.channel());
        connecting.addListener(done -> {
            if (over) {
                connecting.channel().close();
            } else if (done.isSuccess()) {
                connected(connecting.channel());
            } else {
                refused(done.cause());
            }
        });
    }

    /** Gives up without a word. */
    void cancel() {
        over = true;
        if (channel != null) {
            channel.close();
        }
    }

    private void secure(Channel made) {
        if (tls == null) {
            return;
        }
        try {
            tlsGeneration = tls.generation();
            made.pipeline().addLast(tls.newHandler(made.alloc()), HANDSHAKE_END);
        } catch (SSLException | RuntimeException e) {
            tlsUnavailable = e;
        }
    }

    private void connected(Channel made) {
        if (tlsUnavailable != null) {
            made.close();
            fail("TLS cannot be set up: " + tlsUnavailable, tlsUnavailable);
            return;
        }
        SslHandler handler = made.pipeline().get(SslHandler.class);
        if (handler == null) {
            over = true;
            attempt.established(this, made, null);
            return;
        }
        handler.handshakeFuture().addListener(done -> {
            if (over) {
                made.close();
            } else if (done.isSuccess()) {
                over = true;
                attempt.established(this, made, handler);
            } else {
                made.close();
                Throwable cause = handshakeFailure(done.cause());
                fail("TLS handshake failed: " + reason(cause), cause);
            }
        });
    }

    private void refused(Throwable cause) {
        ConnectException shown = cause instanceof ConnectException refused
                ? refused
                : ConnectAttempt.connectException(cause.getMessage() + ": " + address, cause);
        fail(String.valueOf(shown.getMessage()), shown);
    }

    private void fail(String detail, Throwable cause) {
        over = true;
        attempt.failed(this, detail, cause);
    }

    private static Throwable handshakeFailure(Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            SSLHandshakeException closed = new SSLHandshakeException("Remote host terminated the handshake");
            closed.initCause(new EOFException("SSL peer shut down incorrectly"));
            return closed;
        }
        return cause;
    }

    /** BoringSSL's engine says only that there is a problem; why a certificate was refused is in a cause. */
    private static String reason(Throwable failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return String.valueOf(cause.getMessage());
            }
        }
        return String.valueOf(failure.getMessage());
    }

    @Sharable
    private static final class HandshakeEnd extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
