package io.inmesh.outbound;

import io.inmesh.exchange.CallLoop;

/**
 * Where a call takes place.
 *
 * @param loop      its thread
 * @param transport carries its attempts
 * @param observer  told what becomes of it
 */
record CallSite(CallLoop loop, UpstreamTransport transport, OutboundCall.Observer observer) {}
