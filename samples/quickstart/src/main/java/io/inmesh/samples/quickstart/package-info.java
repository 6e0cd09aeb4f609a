/** A small mesh on one machine. */
@NullMarked
package io.inmesh.samples.quickstart;

import org.jspecify.annotations.NullMarked;
