@NullMarked
package io.inmesh.xds.graph;

import org.jspecify.annotations.NullMarked;
