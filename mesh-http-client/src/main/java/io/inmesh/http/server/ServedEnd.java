package io.inmesh.http.server;

import io.inmesh.inbound.InboundConnection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How a drained connection ends on a server that does not see to it by itself: the peer is told; if its chain is gone, it is closed once requests are not taken any more and none is
 * under way, and after {@link InboundConnection#DRAIN_TIME} in any case.
 */
final class ServedEnd {
    /** What the last response of a request needs to get out once the request is over. */
    private static final long FLUSH_SECONDS = 1;

    private final InboundConnection connection;
    private final ServedSocket socket;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile boolean closed;

    ServedEnd(InboundConnection connection, ServedSocket socket) {
        this.connection = connection;
        this.socket = socket;
    }

    /** It is to be drained. Repeated calls do nothing, unless its chain is gone since. */
    void begin() {
        if (told.compareAndSet(false, true)) {
            socket.goAway();
        }
        if (connection.isRetired() && begun.compareAndSet(false, true)) {
            socket.later(this::look, InboundConnection.DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            socket.later(this::close, InboundConnection.DRAIN_TIME.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void look() {
        if (!closed) {
            boolean idle = connection.isIdle();
            socket.later(idle ? this::closeIfIdle : this::look, FLUSH_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void closeIfIdle() {
        if (connection.isIdle()) {
            close();
        } else {
            look();
        }
    }

    private void close() {
        if (!closed) {
            socket.close();
        }
    }

    /** The socket is closed. */
    void closed() {
        closed = true;
    }
}
