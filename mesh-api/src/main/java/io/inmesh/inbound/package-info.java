/** Requests that come in: connection facts, filter chain, network filters, HTTP filters, verdict; whatever the server. */
@NullMarked
package io.inmesh.inbound;

import org.jspecify.annotations.NullMarked;
