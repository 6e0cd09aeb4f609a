/** Istio's metadata exchange: the headers by which workloads tell each other who they are, for telemetry. */
@NullMarked
package io.inmesh.xds.peer;

import org.jspecify.annotations.NullMarked;
