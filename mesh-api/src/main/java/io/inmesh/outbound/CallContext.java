package io.inmesh.outbound;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.resilience.Deadlines;

/**
 * What the parts of one meshed call share.
 *
 * @param site      where it takes place
 * @param settings  of the engine
 * @param options   what the caller said
 * @param head      the request, as filters and routes have changed it so far
 * @param feed      the request's body
 * @param deadlines its limits of time
 * @param info      what is known of it beside the heads
 */
record CallContext(
        CallSite site,
        OutboundSettings settings,
        CallOptions options,
        RequestHead head,
        RequestFeed feed,
        Deadlines deadlines,
        StreamInfo info) {}
