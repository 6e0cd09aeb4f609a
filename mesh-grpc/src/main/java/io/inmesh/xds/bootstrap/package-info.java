/** What a process is told before it has spoken to a control plane: Envoy's bootstrap and gRPC's. */
@NullMarked
package io.inmesh.xds.bootstrap;

import org.jspecify.annotations.NullMarked;
