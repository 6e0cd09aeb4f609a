/** The xDS transport protocol: what is said on a stream and when, without a word about what the resources mean. */
@NullMarked
package io.inmesh.xds.protocol;

import org.jspecify.annotations.NullMarked;
