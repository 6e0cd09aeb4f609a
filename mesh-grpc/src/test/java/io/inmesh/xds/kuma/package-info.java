@NullMarked
package io.inmesh.xds.kuma;

import org.jspecify.annotations.NullMarked;
