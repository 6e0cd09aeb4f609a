/** Envoy itself as the oracle: started on loopback, asked the same questions as the engine. */
@NullMarked
package io.inmesh.xds.envoy;

import org.jspecify.annotations.NullMarked;
