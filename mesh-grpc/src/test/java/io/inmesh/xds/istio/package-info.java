@NullMarked
package io.inmesh.xds.istio;

import org.jspecify.annotations.NullMarked;
