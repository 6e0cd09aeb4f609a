package io.inmesh.inbound;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/** One request that has come in. Lives on its loop: called there, and calls back there. */
public interface InboundRequest {

    /** Told what becomes of the request. */
    interface Observer {
        /** All filters have let it pass and its route leads to the application, which handles the head as it is now. */
        void onAccepted(RequestHead head);

        /**
         * The response as it goes out; comes once, for the application's response and for an answer of the mesh.
         *
         * @param reply the mesh's own answer with its body, or null for the application's response. If the application has the request already, its answer is
         *              not wanted any more
         */
        void onResponse(ResponseHead head, @Nullable LocalReply reply);

        /**
         * A limit of time has passed after the head of the response was out: the stream is to be broken off. A server that cannot do so may let it run.
         *
         * @param reason Envoy's details, for logs
         */
        default void onReset(String reason) {}
    }

    /** Sets out. Called once. */
    void start();

    /** Bytes of a body came or went, so that {@code stream_idle_timeout} counts anew. */
    void active();

    /** The last of the request's body has come. Not called for a request that has none. */
    void requestEnded();

    /** The application's response; its head is changed by filters and routes, and comes back as {@link Observer#onResponse}. */
    void respond(ResponseHead head);

    /** The request and its response are over, or were broken off. Nothing is told after it. Repeated calls do nothing. */
    void end();

    /** What is known of it: connection, route, metadata, flags. Live. */
    StreamInfo info();
}
