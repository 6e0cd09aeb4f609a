@NullMarked
package io.inmesh.samples.istio;

import org.jspecify.annotations.NullMarked;
