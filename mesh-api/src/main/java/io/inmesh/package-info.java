/** The entry point of an application: the mesh, and what it tells of a call. */
@NullMarked
package io.inmesh;

import org.jspecify.annotations.NullMarked;
