package io.inmesh.outbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResponseHead;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way out, from the application's head to the last byte of the response. It lives on one {@link CallLoop}: all methods are called
 * there, and so are the observer's. It holds no thread while it waits.
 */
public interface OutboundCall {

    /** Sets out. Called once. */
    void start();

    /** Lets {@code bytes} more of the response's body through; the start allows none. */
    void request(long bytes);

    /** Gives the call up: attempts, timers and the request's body are cancelled. The observer hears nothing more. Repeated calls do nothing. */
    void cancel();

    /**
     * Told what becomes of a call: a head, pieces of a body, and the end; or, at any point, a failure. Exactly one of {@link #onComplete} and
     * {@link #onFailure} comes, last, unless the call was cancelled.
     */
    interface Observer {
        /** An attempt has got a connection; it may come again with a retry. */
        default void onConnected() {}

        /** An informational response other than 101; on a meshed route, also the 100 with which the mesh itself answers {@code expect}, as Envoy does. */
        default void onInformational(int status) {}

        /** The response's head; the receiver owns it. It comes once: no retry follows it. */
        void onHead(ResponseHead head, CallFacts facts);

        /** A piece of the response's body, read-only, owned by the receiver; never more than was asked for by more than one piece. */
        void onData(ByteBuffer data);

        /** The response is whole; trailers may be null. */
        void onComplete(@Nullable Headers trailers);

        /**
         * There is no response, or it broke off. A {@link io.inmesh.MeshException} on a meshed route, and where the mesh refused; on a passthrough the
         * transport's own exception; the application's own exception if its request body failed.
         */
        void onFailure(Throwable cause);
    }
}
