package io.inmesh.outbound;

import io.inmesh.outbound.UpstreamTransport.UpstreamStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to the attempt of the moment. The application's body is read once, a piece at a time and only as fast as the attempt
 * takes it; what a retry would need is kept, up to a limit, and played to each further attempt from the start.
 */
final class RequestFeed implements RequestBody.Receiver {

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    /** Told what becomes of the body. */
    interface Owner {
        /** A piece has come. */
        void onRequestData();

        /** The body is whole, or there never was one. */
        void onRequestEnd();

        /** The application's body failed. */
        void onRequestFailure(Throwable cause);

        /** More has come than may be kept: what was kept is gone, and no other attempt can follow the one under way, if one is. */
        void onKeptTooMuch();
    }

    private final @Nullable RequestBody body;
    private final Owner owner;

    /** Pieces that were kept, or could not be written yet. */
    private final List<ByteBuffer> pieces = new ArrayList<>(1);

    private int written;
    private long keptBytes;
    private long keepLimit = -1;
    private @Nullable UpstreamStream stream;
    private boolean started;
    private boolean asked;
    private boolean ended;
    private boolean endWritten;
    private boolean cancelled;

    RequestFeed(@Nullable RequestBody body, Owner owner) {
        this.body = body;
        this.owner = owner;
    }

    /** Keeps up to that many bytes for further attempts. */
    void keep(long limit) {
        keepLimit = limit;
    }

    /** Starts the body. Called once. */
    void start() {
        started = true;
        if (body == null) {
            onEnd();
        } else {
            body.start(this);
            flow();
        }
    }

    /** Whether nothing is to be sent after the head, as far as is known by now. */
    boolean isEmpty() {
        return body == null || (ended && pieces.isEmpty() && keepLimit >= 0);
    }

    boolean ended() {
        return ended;
    }

    /** No further attempt comes: what was kept for it is let go. */
    void forget() {
        if (keepLimit >= 0) {
            keepLimit = -1;
            dropWritten();
        }
    }

    /** Plays the body to an attempt, from the start. */
    void attach(UpstreamStream newStream, boolean headEndsStream) {
        stream = newStream;
        written = 0;
        endWritten = headEndsStream;
        flow();
    }

    /** The attempt takes no more. */
    void detach() {
        stream = null;
    }

    /** Goes on if the attempt can take more. */
    void flow() {
        UpstreamStream to = stream;
        while (to != null && to == stream && !endWritten && written < pieces.size() && to.isWritable()) {
            ByteBuffer piece = pieces.get(written++);
            endWritten = ended && written == pieces.size();
            to.write(keepLimit >= 0 ? piece.duplicate() : piece, endWritten);
        }
        if (to == null || to != stream || written < pieces.size()) {
            return;
        }
        if (keepLimit < 0) {
            dropWritten();
        }
        if (ended) {
            if (!endWritten) {
                endWritten = true;
                to.write(EMPTY, true);
            }
        } else if (started && !asked && body != null && to.isWritable()) {
            asked = true;
            body.request(1);
        }
    }

    /** Nobody wants the rest. Repeated calls do nothing. */
    void cancel() {
        stream = null;
        pieces.clear();
        written = 0;
        if (!cancelled && started && !ended && body != null) {
            cancelled = true;
            body.cancel();
        }
        cancelled = true;
    }

    @Override
    public void onData(ByteBuffer data) {
        asked = false;
        if (cancelled) {
            return;
        }
        if (keepLimit >= 0 && (keptBytes += data.remaining()) > keepLimit) {
            keepLimit = -1;
            dropWritten();
            owner.onKeptTooMuch();
            if (cancelled) {
                return;
            }
        }
        pieces.add(data);
        owner.onRequestData();
        flow();
    }

    @Override
    public void onEnd() {
        if (cancelled || ended) {
            return;
        }
        ended = true;
        flow();
        owner.onRequestEnd();
    }

    @Override
    public void onError(Throwable cause) {
        if (!cancelled) {
            cancelled = true;
            owner.onRequestFailure(cause);
        }
    }

    private void dropWritten() {
        pieces.subList(0, written).clear();
        written = 0;
    }
}
