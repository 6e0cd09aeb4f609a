package io.inmesh.http.wire;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import io.inmesh.outbound.UpstreamTransport.ConnectionFacts;
import io.inmesh.outbound.UpstreamTransport.Listener;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.inmesh.outbound.UpstreamTransport.UpstreamStream;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One attempt: waits for a connection, is on one, hands on what was received as its reader asks for it, and ends. Between the connection, which pushes,
 * and the listener, which asks, it holds what has arrived early: never more than one read of HTTP/1.1, or one window of HTTP/2.
 *
 * <p>Every method is called on the loop. Listeners call back into it from within their callbacks, so each callback is followed by a look at the phase.
 */
final class WireStream implements UpstreamStream, Runnable {
    /** As often as the JDK's client tries a request again on another connection. */
    private static final int MOST_RESENDS = 5;

    private enum Phase {
        /** To be given to a pool. */
        NEW,
        /** In a pool's queue. */
        PENDING,
        /** On a connection. */
        CONNECTED,
        /** Done with the connection; what was received is still to be handed on. */
        RECEIVED,
        ENDED
    }

    @Nullable
    WireStream previousLive;

    @Nullable
    WireStream nextLive;

    /** Kept here for an HTTP/2 connection. */
    @Nullable
    Http2Stream http2Stream;

    private final WireLoop loop;
    private final UpstreamTarget target;
    private final RequestHead head;
    private final boolean headIsAll;
    private final Listener listener;
    private Phase phase = Phase.NEW;
    private @Nullable ConnectionPool pool;
    private @Nullable Connection connection;
    private boolean reused;
    private int resends;

    /** What may still be written, or {@link RequestRules#UNKNOWN_LENGTH}. */
    private long bodyLeft;

    private boolean requestEnded;
    private boolean toldUnwritable;
    private boolean headReceived;
    private boolean responseEnded;
    private boolean handingOn;
    private long demand;
    private @Nullable Queue<ByteBuffer> received;
    private @Nullable Headers trailers;

    WireStream(WireLoop loop, UpstreamTarget target, RequestHead head, boolean headIsAll, Listener listener) {
        this.loop = loop;
        this.target = target;
        this.head = head;
        this.headIsAll = headIsAll;
        this.listener = listener;
        this.requestEnded = headIsAll;
    }

    RequestHead head() {
        return head;
    }

    /** Whether the request has no body. */
    boolean headIsAll() {
        return headIsAll;
    }

    boolean requestEnded() {
        return requestEnded;
    }

    boolean headReceived() {
        return headReceived;
    }

    /** Whether reading on makes sense: the head is to come, or the reader asks for more than there is. */
    boolean wantsMore() {
        return !headReceived || (demand > 0 && (received == null || received.isEmpty()));
    }

    /** Sets out. */
    @Override
    public void run() {
        if (phase != Phase.NEW) {
            return;
        }
        if (loop.isShutDown()) {
            fail(new Reset(ResetReason.LOCAL_RESET, "the transport takes no more requests", null));
            return;
        }
        String fault = RequestRules.fault(head, headIsAll);
        if (fault != null) {
            fail(new Reset(
                    ResetReason.LOCAL_RESET,
                    "the request cannot be sent: " + fault,
                    new IllegalArgumentException(fault)));
            return;
        }
        bodyLeft = RequestRules.contentLength(head, headIsAll);
        loop.poolFor(target).open(this);
    }

    /** It is in a pool's queue now. */
    void waitIn(ConnectionPool waitingIn) {
        pool = waitingIn;
        phase = Phase.PENDING;
    }

    /** Whether it must not go to an address, or has ended anyhow; if it must not, it ends now. */
    boolean isKeptFrom(IpAddress address) {
        String objection = phase == Phase.ENDED ? null : listener.objection(address);
        if (objection != null) {
            fail(new Reset(ResetReason.RESOLUTION_FAILURE, objection, null));
        }
        return phase == Phase.ENDED;
    }

    /** It has a place on a connection. */
    void attach(Connection newConnection) {
        pool = null;
        phase = Phase.CONNECTED;
        connection = newConnection;
        ConnectionFacts facts = newConnection.facts();
        reused = facts.reused();
        newConnection.start(this);
        if (phase == Phase.CONNECTED) {
            listener.onConnected(facts);
        }
        toldUnwritable = true;
        if (newConnection.isWritable(this)) {
            writableAgain();
        }
    }

    @Override
    public void write(ByteBuffer data, boolean endStream) {
        Connection current = connection;
        if (phase == Phase.ENDED || phase == Phase.RECEIVED || current == null || requestEnded) {
            // The response was whole before the request was, or it failed: nobody needs the rest.
            return;
        }
        int bytes = data.remaining();
        if (bodyLeft != RequestRules.UNKNOWN_LENGTH) {
            bodyLeft -= bytes;
            if (bodyLeft < 0 || (endStream && bodyLeft > 0)) {
                String detail = bodyLeft < 0
                        ? "the request's body is longer than its content-length"
                        : "the request's body ended " + bodyLeft + " bytes before its content-length";
                fail(new Reset(ResetReason.LOCAL_RESET, detail, new IllegalStateException(detail)));
                return;
            }
        }
        requestEnded = endStream;
        if (bytes > 0 || endStream) {
            current.write(this, data, endStream);
        }
    }

    @Override
    public boolean isWritable() {
        Connection current = connection;
        boolean writable = current != null && !requestEnded && current.isWritable(this);
        toldUnwritable |= !writable;
        return writable;
    }

    @Override
    public void request(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a request for " + bytes + " bytes");
        }
        demand = demand + bytes < 0 ? Long.MAX_VALUE : demand + bytes;
        handOn();
        if (connection != null && wantsMore()) {
            connection.wantMore(this);
        }
    }

    @Override
    public void cancel() {
        end();
    }

    /** Ends it with a failure; frees what it holds first. */
    void fail(Reset reset) {
        if (phase != Phase.ENDED) {
            end();
            listener.onReset(reset);
        }
    }

    // ---- from the connection

    void writableAgain() {
        if (toldUnwritable && phase == Phase.CONNECTED && !requestEnded) {
            toldUnwritable = false;
            listener.onWritable();
        }
    }

    void informational(int status) {
        listener.onInformational(status);
    }

    void head(ResponseHead response, boolean endStream) {
        headReceived = true;
        listener.onHead(response, endStream);
    }

    void data(ByteBuffer piece) {
        if (phase == Phase.ENDED) {
            return;
        }
        if (received == null) {
            received = new ArrayDeque<>(4);
        }
        received.add(piece);
        handOn();
    }

    /** The response is whole, and the connection has nothing to do with this stream any more. */
    void complete(@Nullable Headers newTrailers) {
        if (phase == Phase.ENDED) {
            return;
        }
        connection = null;
        phase = Phase.RECEIVED;
        responseEnded = true;
        trailers = newTrailers;
        handOn();
    }

    /**
     * The connection gave the stream up. Outside the mesh, where no retry policy speaks, a request without a body that the host cannot have answered is
     * sent again as the JDK's client does: GET and HEAD on a connection that had been idle, everything that HTTP/2 says was not processed.
     */
    void lost(Reset reset, boolean anythingReceived) {
        if (phase == Phase.ENDED) {
            return;
        }
        connection = null;
        http2Stream = null;
        boolean stale = reset.reason() == ResetReason.CONNECTION_TERMINATION
                && reused
                && !anythingReceived
                && (head.method().equals("GET") || head.method().equals("HEAD"));
        boolean untouched = reset.reason() == ResetReason.REMOTE_REFUSED_STREAM;
        if ((stale || untouched)
                && target instanceof Passthrough
                && headIsAll
                && !headReceived
                && !loop.isShutDown()
                && resends < MOST_RESENDS) {
            resends++;
            phase = Phase.NEW;
            loop.eventLoop().execute(this);
            return;
        }
        fail(reset);
    }

    // ----

    private void handOn() {
        if (handingOn) {
            return;
        }
        handingOn = true;
        try {
            while (demand > 0 && phase != Phase.ENDED && received != null) {
                ByteBuffer piece = received.poll();
                if (piece == null) {
                    break;
                }
                int bytes = piece.remaining();
                demand -= bytes;
                listener.onData(piece);
                if (connection != null) {
                    connection.consumed(this, bytes);
                }
            }
        } finally {
            handingOn = false;
        }
        if (responseEnded && phase != Phase.ENDED && (received == null || received.isEmpty())) {
            end();
            listener.onComplete(trailers);
        }
    }

    private void end() {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.ENDED;
        received = null;
        loop.forget(this);
        ConnectionPool waitingIn = pool;
        Connection current = connection;
        pool = null;
        connection = null;
        if (waitingIn != null) {
            waitingIn.cancelPending(this);
        }
        if (current != null) {
            current.abort(this);
        }
    }
}
