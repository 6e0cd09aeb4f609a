@NullMarked
package io.inmesh.xds.decode;

import org.jspecify.annotations.NullMarked;
