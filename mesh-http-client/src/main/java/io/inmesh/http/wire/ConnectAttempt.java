package io.inmesh.http.wire;

import io.inmesh.exchange.CallLoop.Timer;
import io.inmesh.exchange.ResetReason;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One connection in the making: addresses, TCP and TLS to each of them, until the first is there; all within the one connect timeout. The next address is tried when
 * one before has failed, or beside it when it takes long. Ends with exactly one call of the pool, unless it was abandoned.
 */
final class ConnectAttempt {
    private final ConnectionPool pool;
    private final WireLoop loop;
    private final List<Dial> dials = new ArrayList<>(1);
    private Deque<InetSocketAddress> untried = new ArrayDeque<>(0);
    private @Nullable Timer timer;
    private @Nullable Timer nextDial;
    private boolean dialled;
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
                stop(timer);
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
            untried = HappyEyeballs.order(addresses);
            dialNext();
        }
    }

    private void dialNext() {
        stop(nextDial);
        dialled = true;
        Dial dial = new Dial(this, loop, pool.tls(), untried.remove());
        dials.add(dial);
        if (!untried.isEmpty()) {
            nextDial = loop.schedule(this::dialNext, HappyEyeballs.DELAY_NANOS);
        }
        dial.start();
    }

    /** An address that is not to be had: the last one says why there is no connection. */
    void failed(Dial dial, String detail, Throwable cause) {
        dials.remove(dial);
        if (!untried.isEmpty()) {
            dialNext();
        } else if (dials.isEmpty()) {
            fail(ResetReason.CONNECTION_FAILURE, detail, cause);
        }
    }

    /** The first address that is there; the others are of no use any more. */
    @SuppressWarnings("FutureReturnValueIgnored") // how the close ends is of no interest
    void established(Dial dial, Channel made, @Nullable SslHandler tls) {
        dials.remove(dial);
        tlsGeneration = dial.tlsGeneration();
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
            made.pipeline().remove(Dial.HANDSHAKE_END);
        }
        end();
        pool.established(this, made, http2, tls == null ? null : tls.engine().getSession());
    }

    private void timedOut(Duration timeout) {
        if (over) {
            return;
        }
        // Without an address nothing was dialled. To Envoy a resolver that hangs is one that fails, and no attempt to
        // be retried.
        boolean unresolved = !dialled;
        String detail = (unresolved ? "no address" : "no connection") + " within " + timeout.toMillis() + " ms";
        HttpConnectTimeoutException cause = new HttpConnectTimeoutException("HTTP connect timed out");
        cause.initCause(new ConnectException(detail));
        fail(unresolved ? ResetReason.RESOLUTION_FAILURE : ResetReason.CONNECTION_TIMEOUT, detail, cause);
    }

    private void fail(ResetReason reason, String detail, Throwable cause) {
        end();
        pool.failed(this, new Reset(reason, detail, cause));
    }

    private void end() {
        over = true;
        noMoreWaiting.run();
        stop(timer);
        stop(nextDial);
        dials.forEach(Dial::cancel);
    }

    private static void stop(@Nullable Timer running) {
        if (running != null) {
            running.cancel();
        }
    }

    static ConnectException connectException(String message, Throwable cause) {
        ConnectException exception = new ConnectException(message);
        exception.initCause(cause);
        return exception;
    }
}
