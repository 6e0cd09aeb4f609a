/** Servers for tests: honest ones, hostile ones, their certificates; and a watch over buffers that nobody released. */
@NullMarked
package io.inmesh.http.testing;

import org.jspecify.annotations.NullMarked;
