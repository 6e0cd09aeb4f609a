package io.inmesh.xds.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Whether a control plane is there.
 *
 * @param server    the place in the list of the server in use, or the one tried last
 * @param connected whether it has answered on the stream that is open now
 * @param error     the last failure while it is not connected, or null if there was none yet
 * @param expected  whether the failure is one that ends by itself and needs nobody's attention
 */
record ConnectionState(
        int server, boolean connected, @Nullable String error, boolean expected) {}
