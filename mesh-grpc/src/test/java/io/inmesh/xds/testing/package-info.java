/** Control planes for tests: a real one in process, and one that does what a script says. */
@NullMarked
package io.inmesh.xds.testing;

import org.jspecify.annotations.NullMarked;
