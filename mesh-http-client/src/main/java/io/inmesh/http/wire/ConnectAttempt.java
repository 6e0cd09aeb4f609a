package io.inmesh.http.wire;

import io.inmesh.exchange.CallLoop.Timer;
import io.inmesh.exchange.ResetReason;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTransport.Reset;
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
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One connection in the making: addresses, TCP to each in turn until one answers, TLS; all within the one connect timeout. Ends with exactly one call
 * of the pool, unless it was abandoned.
 */
// The outcome of a close or a write is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectAttempt {
    /** Ends the pipeline until HTTP does. What goes wrong is told by the handshake's future. */
    private static final ChannelHandler HANDSHAKE_END = new HandshakeEnd();

    private final ConnectionPool pool;
    private final WireLoop loop;
    private @Nullable Timer timer;
    private @Nullable Channel channel;
    private @Nullable Throwable tlsUnavailable;
    private Runnable noMoreWaiting = () -> {};
    private long tlsGeneration;
    private boolean over;

    ConnectAttempt(ConnectionPool pool, WireLoop loop) {
        this.pool = pool;
        this.loop = loop;
    }

    /** Of the secrets that its TLS was made with. */
    long tlsGeneration() {
        return tlsGeneration;
    }

    void start() {
        SSLException problem = pool.tlsProblem();
        ChannelTls tls = pool.tls();
        if (problem != null) {
            // Behind the pool's own turn, as all other ends of an attempt.
            loop.execute(() -> {
                if (!over) {
                    fail(ResetReason.CONNECTION_FAILURE, String.valueOf(problem.getMessage()), problem);
                }
            });
        } else if (tls == null || tls.awaited() == null) {
            resolve();
        } else {
            awaitSecrets(tls);
        }
    }

    /** Nothing is dialled, and nothing goes out in the clear, before there is what TLS needs. */
    private void awaitSecrets(ChannelTls tls) {
        Duration patience = loop.wiring().options().secretTimeout();
        timer = loop.schedule(
                () -> secretsFailed(
                        "no secrets for TLS within " + patience.toMillis() + " ms: awaited is " + tls.awaited()),
                patience.toNanos());
        noMoreWaiting = tls.whenReady(loop, reason -> {
            if (reason == null) {
                stopTimer();
                if (!over) {
                    resolve();
                }
            } else {
                secretsFailed("TLS cannot be set up: " + reason);
            }
        });
    }

    private void secretsFailed(String detail) {
        if (!over) {
            fail(ResetReason.CONNECTION_FAILURE, detail, new SSLException(detail));
        }
    }

    private void resolve() {
        Duration timeout = pool.destination().connectTimeout();
        if (timeout != null) {
            timer = loop.schedule(() -> timedOut(timeout), timeout.toNanos());
        }
        pool.destination().addresses(loop, this::resolved);
    }

    /** Gives up without a word. */
    void abandon() {
        end();
        if (channel != null) {
            channel.close();
        }
    }

    private void resolved(@Nullable List<InetSocketAddress> addresses, @Nullable UnknownHostException failure) {
        if (over) {
            return;
        }
        if (addresses == null) {
            // The shape in which the JDK's client reports an unknown host; its root has no cause.
            UnresolvedAddressException unresolved = new UnresolvedAddressException();
            if (failure != null) {
                unresolved.addSuppressed(failure);
            }
            String detail = failure == null ? "no address" : String.valueOf(failure.getMessage());
            fail(ResetReason.RESOLUTION_FAILURE, "cannot resolve " + detail, connectException(detail, unresolved));
            return;
        }
        if (pool.admits(this, addresses)) {
            connect(addresses.iterator());
        }
    }

    private void connect(Iterator<InetSocketAddress> addresses) {
        InetSocketAddress address = addresses.next();
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
            } else if (addresses.hasNext()) {
                connect(addresses);
            } else {
                refused(address, done.cause());
            }
        });
    }

    private void secure(Channel made) {
        ChannelTls tls = pool.tls();
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
            fail(ResetReason.CONNECTION_FAILURE, "TLS cannot be set up: " + tlsUnavailable, tlsUnavailable);
            return;
        }
        SslHandler tls = made.pipeline().get(SslHandler.class);
        if (tls == null) {
            established(made, null);
            return;
        }
        tls.handshakeFuture().addListener(done -> {
            if (over) {
                made.close();
            } else if (done.isSuccess()) {
                established(made, tls);
            } else {
                made.close();
                Throwable cause = handshakeFailure(done.cause());
                fail(ResetReason.CONNECTION_FAILURE, "TLS handshake failed: " + reason(cause), cause);
            }
        });
    }

    private void established(Channel made, @Nullable SslHandler tls) {
        // Of the engine, not of Netty's handler, which does not know it for the JDK's engines; empty if nothing was
        // selected.
        String selected = tls == null ? null : tls.engine().getApplicationProtocol();
        boolean http2 =
                switch (pool.version()) {
                    case HTTP_1, AS_CALLER -> false;
                    case HTTP_2 -> true;
                    case ALPN -> "h2".equals(selected);
                };
        // Nothing, or a value of the mesh's own such as "istio", says nothing about HTTP: then the configuration does.
        String other = http2 ? "http/1.1" : "h2";
        if (pool.version() != HttpVersion.ALPN && other.equals(selected)) {
            made.close();
            String detail = (http2 ? "HTTP/2" : "HTTP/1.1") + " is configured, and ALPN selected " + selected;
            fail(ResetReason.CONNECTION_FAILURE, detail, new SSLHandshakeException(detail));
            return;
        }
        if (tls != null) {
            made.pipeline().remove(HANDSHAKE_END);
        }
        end();
        pool.established(this, made, http2, tls == null ? null : tls.engine().getSession());
    }

    private void refused(InetSocketAddress address, Throwable cause) {
        ConnectException shown = cause instanceof ConnectException refused
                ? refused
                : connectException(cause.getMessage() + ": " + address, cause);
        fail(ResetReason.CONNECTION_FAILURE, String.valueOf(shown.getMessage()), shown);
    }

    private void timedOut(Duration timeout) {
        if (over) {
            return;
        }
        Channel unfinished = channel;
        // Without an address nothing was dialled. To Envoy a resolver that hangs is one that fails, and no attempt to
        // be retried.
        boolean unresolved = unfinished == null;
        String detail = (unresolved ? "no address" : "no connection") + " within " + timeout.toMillis() + " ms";
        HttpConnectTimeoutException cause = new HttpConnectTimeoutException("HTTP connect timed out");
        cause.initCause(new ConnectException(detail));
        fail(unresolved ? ResetReason.RESOLUTION_FAILURE : ResetReason.CONNECTION_TIMEOUT, detail, cause);
        if (unfinished != null) {
            unfinished.close();
        }
    }

    private void fail(ResetReason reason, String detail, Throwable cause) {
        end();
        pool.failed(this, new Reset(reason, detail, cause));
    }

    private void end() {
        over = true;
        noMoreWaiting.run();
        stopTimer();
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private static ConnectException connectException(String message, Throwable cause) {
        ConnectException exception = new ConnectException(message);
        exception.initCause(cause);
        return exception;
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
