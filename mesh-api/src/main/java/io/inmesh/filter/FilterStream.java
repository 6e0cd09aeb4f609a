package io.inmesh.filter;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, as a filter sees them. Not thread-safe: a filter uses it during its own methods and until it has ended a
 * {@link Suspension}, from one thread at a time.
 */
public interface FilterStream {

    /** The request's head, live. */
    RequestHead request();

    /** Whether the request has no body. */
    boolean endStream();

    /** Dynamic metadata, filter state and flags of this stream, live. */
    StreamInfo info();

    /**
     * Has the route selected again, by the head as it is now, before the next filter or the router sees the request. Without it, what filters do to a
     * head has no influence on its route. Which filters are switched on stays as the first route decided, as in Envoy; their
     * configuration is that of the new route. Of no effect on a response.
     */
    void clearRouteCache();

    /** What this filter, at this position, keeps for this stream; null at first. */
    @Nullable
    Object attachment();

    /** See {@link #attachment()}. */
    void attachment(@Nullable Object newAttachment);
}
