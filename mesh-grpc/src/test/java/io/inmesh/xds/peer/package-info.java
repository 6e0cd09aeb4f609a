@NullMarked
package io.inmesh.xds.peer;

import org.jspecify.annotations.NullMarked;
