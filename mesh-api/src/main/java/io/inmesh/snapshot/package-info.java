/** One immutable picture of the mesh, and the two-way contract with whoever provides it. */
@NullMarked
package io.inmesh.snapshot;

import org.jspecify.annotations.NullMarked;
