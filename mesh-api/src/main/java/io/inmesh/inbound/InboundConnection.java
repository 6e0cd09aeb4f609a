package io.inmesh.inbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.RequestHead;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection that was accepted and whose handshake is done. Thread-safe. */
public interface InboundConnection {
    /** How long requests are still taken on a connection that is drained: Envoy's default of {@code drain_timeout}. */
    Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

    /** When a connection whose chain is gone is closed whatever runs on it: Envoy's default of {@code --drain-time-s}. */
    Duration DRAIN_TIME = Duration.ofMinutes(10);

    /** Why it must be closed now (a network filter has no permission for it), for logs; null if it may go on. */
    @Nullable
    String refusal();

    /** What is known of it. */
    DownstreamConnection facts();

    /** Told once when the chain that was chosen for it is replaced: it finishes its requests and takes no new ones ({@code drain}). Not told if it is closed first. */
    void onDrain(Runnable drain);

    /**
     * Whether the chain that was chosen for it is gone, so that no policy is in force for it any more. Its requests are answered 503 once {@link #DRAIN_TIMEOUT} has passed since, and
     * a server that can closes it: when it is idle then, and after {@link #DRAIN_TIME} in any case.
     */
    boolean isRetired();

    /** Whether none of its requests is under way. */
    boolean isIdle();

    /**
     * Keeps {@code idle_timeout} and {@code max_connection_duration} of the chain's connection manager, as they are now: once they have passed, {@link #onDrain} is told. To
     * be called once, on the loop, before the first request. A server that does not call it has limits of its own.
     *
     * @param loop the connection's, on which all its requests live and {@link #closed} is called
     */
    default void limit(CallLoop loop) {}

    /**
     * {@code request_headers_timeout} of the chain's connection manager, as it is now: how long the head of a request may take from its first byte on, for servers that read
     * the wire; null for no limit.
     */
    default @Nullable Duration requestHeadersTimeout() {
        return null;
    }

    /** The connection is closed. */
    void closed();

    /**
     * A request has come on it, not yet started. The newest configuration of its chain counts for it; where the chain is gone, see {@link #isRetired}.
     *
     * @param loop      where the request lives; its callbacks come there
     * @param head      taken over and changed: paths are normalised, headers that only the mesh may set are taken away
     * @param endStream whether it has no body
     * @param protocol  {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2}
     */
    InboundRequest request(
            CallLoop loop, RequestHead head, boolean endStream, String protocol, InboundRequest.Observer observer);
}
