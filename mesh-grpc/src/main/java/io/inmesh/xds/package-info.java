/** A control plane as a source of configuration: where it is, how it names things, and how the connection to it is doing. */
@NullMarked
package io.inmesh.xds;

import org.jspecify.annotations.NullMarked;
