package io.inmesh.http.server;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.RequestHead;
import io.inmesh.inbound.InboundConnection;
import io.inmesh.inbound.InboundRequest;
import io.inmesh.transport.ServerTls;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection over TLS that is drained when its secrets were replaced too long ago, or a root was withdrawn: see {@link ServerTls#isOutdated}. The next request is then its
 * last one. A connection without one is closed soon after, since a peer that is not trusted any more would otherwise keep it for the day when it needs one; not at once,
 * because a peer that keeps up with the secrets has come to the same conclusion by then, and no request of it is lost.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes needs no look any more
final class NettyOutdatedTls implements InboundConnection {
    private static final long LOOK_MILLIS = 1000;

    private final InboundConnection connection;
    private final ServerTls tls;
    private final long generation;
    private @Nullable Runnable drain;
    private boolean seenOutdated;

    /**
     * Watches a connection.
     *
     * @param generation of the TLS, as it was before the connection's handler was made
     */
    NettyOutdatedTls(InboundConnection connection, ServerTls tls, long generation) {
        this.connection = connection;
        this.tls = tls;
        this.generation = generation;
    }

    /** Looks each second, on the channel's loop. */
    void watch(Channel channel) {
        Future<?> look =
                channel.eventLoop().scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> look.cancel(false));
    }

    private void look() {
        if (seenOutdated) {
            drain();
        } else {
            seenOutdated = tls.isOutdated(generation);
        }
    }

    private void drain() {
        Runnable told = drain;
        if (told != null) {
            told.run();
        }
    }

    @Override
    public @Nullable String refusal() {
        return connection.refusal();
    }

    @Override
    public DownstreamConnection facts() {
        return connection.facts();
    }

    /** To be called on the channel's loop; what is told may be told again. */
    @Override
    public void onDrain(Runnable told) {
        drain = told;
        connection.onDrain(told);
    }

    @Override
    public @Nullable Duration requestHeadersTimeout() {
        return connection.requestHeadersTimeout();
    }

    @Override
    public boolean isRetired() {
        return connection.isRetired();
    }

    @Override
    public boolean isIdle() {
        return connection.isIdle();
    }

    @Override
    public void limit(CallLoop loop) {
        connection.limit(loop);
    }

    @Override
    public void closed() {
        connection.closed();
    }

    @Override
    public InboundRequest request(
            CallLoop loop, RequestHead head, boolean endStream, String protocol, InboundRequest.Observer observer) {
        if (tls.isOutdated(generation)) {
            drain();
        }
        return connection.request(loop, head, endStream, protocol, observer);
    }
}
