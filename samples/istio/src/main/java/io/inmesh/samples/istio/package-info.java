/** Two services under a real istiod, and the scene that is played with them on one machine. */
@NullMarked
package io.inmesh.samples.istio;

import org.jspecify.annotations.NullMarked;
