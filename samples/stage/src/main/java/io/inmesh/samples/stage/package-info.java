/** What the scenes of the samples have in common: steady traffic, its counts, and the screen. */
@NullMarked
package io.inmesh.samples.stage;

import org.jspecify.annotations.NullMarked;
