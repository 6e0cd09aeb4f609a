@NullMarked
package io.inmesh.samples.kuma;

import org.jspecify.annotations.NullMarked;
