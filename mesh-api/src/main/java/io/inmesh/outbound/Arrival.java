package io.inmesh.outbound;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.snapshot.Dialect.Destination;
import org.jspecify.annotations.Nullable;

/**
 * A request as it comes from the application.
 *
 * @param site        where the call takes place
 * @param destination where it wants to go
 * @param head        the request, live
 * @param method      the method at first
 * @param body        the body, or null if there is none
 * @param options     what else the caller said
 * @param info        what is known of it beside its head
 * @param chance      the one random number of a request: Envoy draws one for all choices of its route
 */
record Arrival(
        CallSite site,
        Destination destination,
        RequestHead head,
        String method,
        @Nullable RequestBody body,
        CallOptions options,
        StreamInfo info,
        long chance) {}
