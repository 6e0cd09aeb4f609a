/** Mesh TLS on a Netty channel or an engine, either side, in one place: contexts, identities, verification, SNI, ALPN, rotation, and the look at a ClientHello. */
@NullMarked
package io.inmesh.transport;

import org.jspecify.annotations.NullMarked;
