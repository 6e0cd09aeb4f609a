package io.inmesh.outbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Carries single attempts to single hosts: connection pools, HTTP/1.1, HTTP/2, TLS. Knows nothing of routes and retries.
 *
 * <p>Every method is called on the {@link CallLoop} of the call and never blocks; every callback arrives on that same loop.
 */
public interface UpstreamTransport {

    /**
     * Starts an attempt. It may have to wait for a connection. No callback comes before this method has returned.
     *
     * @param loop      the call's loop
     * @param target    where to
     * @param head      the request; not changed by the caller afterwards
     * @param endStream whether there is no body
     * @param listener  told what happens
     */
    UpstreamStream open(CallLoop loop, UpstreamTarget target, RequestHead head, boolean endStream, Listener listener);

    /** One attempt under way. */
    interface UpstreamStream {
        /**
         * Sends a piece of the body. The transport keeps the buffer until it was written; the caller does not change its content. The caller
         * heeds {@link Listener#onWritable}.
         */
        void write(ByteBuffer data, boolean endStream);

        /** Whether a piece of the body can be taken without piling up. */
        boolean isWritable();

        /** Lets {@code bytes} more of the response's body through; the start allows none. */
        void request(long bytes);

        /**
         * Gives the attempt up: resets the stream, or closes an HTTP/1.1 connection. No callback comes afterwards. Also called after a whole response if
         * the rest of the request is not going to be sent.
         */
        void cancel();
    }

    /** Told what becomes of an attempt. Exactly one of {@link #onComplete} and {@link #onReset} comes, last, unless it was cancelled. */
    interface Listener {
        /**
         * Why the request must not go to an address, or null if it may. Asked where a host is known by its name, so outside the mesh and for hosts that requests name:
         * of each of the name's addresses, before a connection is made for the request, and of a connection's own address before the request is put on it. With an
         * objection to one of them the attempt ends as a {@link ResetReason#RESOLUTION_FAILURE}, and nothing is sent.
         */
        default @Nullable String objection(IpAddress address) {
            return null;
        }

        /**
         * The request has a connection and its head was handed to it. It comes a second time only for a passthrough request without a body that
         * is sent again, because the reused connection turned out to be closed.
         */
        void onConnected(ConnectionFacts connection);

        /**
         * The body can be continued after {@link UpstreamStream#isWritable} had been false; so it is until the request has a connection.
         */
        void onWritable();

        /** An informational response other than 101 was received (100 continue, 103 …). */
        void onInformational(int status);

        /** The response's head. {@code endStream}: there is no body; {@link #onComplete} follows at once. */
        void onHead(ResponseHead head, boolean endStream);

        /** A piece of the response's body, read-only, owned by the receiver. */
        void onData(ByteBuffer data);

        /** The response is whole; trailers may be null. */
        void onComplete(@Nullable Headers trailers);

        /** The attempt failed. */
        void onReset(Reset reset);
    }

    /**
     * What is known of a connection.
     *
     * @param localAddress  as text, {@code ip:port}
     * @param remoteAddress as text, {@code ip:port}
     * @param protocol      {@code HTTP/1.1} or {@code HTTP/2}
     * @param reused        whether it has carried an earlier request
     * @param tls           its TLS session, or null if it is in the clear
     */
    record ConnectionFacts(
            String localAddress,
            String remoteAddress,
            String protocol,
            boolean reused,
            @Nullable SSLSession tls) {}

    /**
     * Why an attempt failed, in Envoy's distinctions ({@code StreamResetReason}).
     *
     * @param reason what happened
     * @param detail for a person, such as {@code connection refused: /127.0.0.1:1}
     * @param cause  the exception behind it, if there is one
     */
    record Reset(
            ResetReason reason, String detail, @Nullable Throwable cause) {}
}
