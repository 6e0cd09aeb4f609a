/** From single resources to complete snapshots: who needs whom, warming, last good versions, DNS. */
@NullMarked
package io.inmesh.xds.graph;

import org.jspecify.annotations.NullMarked;
