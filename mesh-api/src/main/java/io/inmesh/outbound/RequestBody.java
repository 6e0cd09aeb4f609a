package io.inmesh.outbound;

import io.inmesh.exchange.CallLoop;
import java.nio.ByteBuffer;

/**
 * The body of a request, read once, piece by piece, as fast as it is asked for.
 *
 * <p>All methods are called on the call's {@link CallLoop}, and so are the receiver's; an implementation that runs the application's code does that on
 * an executor of the application.
 */
public interface RequestBody {

    /** The number of bytes, or -1 if it is not known beforehand. */
    long contentLength();

    /** Starts it. Called at most once. */
    void start(Receiver receiver);

    /** Asks for {@code pieces} more. */
    void request(long pieces);

    /** No more is wanted. */
    void cancel();

    /** Takes the body. */
    interface Receiver {
        /** A piece; its content does not change afterwards. */
        void onData(ByteBuffer data);

        /** That was all. */
        void onEnd();

        /** The application's publisher failed. */
        void onError(Throwable cause);
    }
}
