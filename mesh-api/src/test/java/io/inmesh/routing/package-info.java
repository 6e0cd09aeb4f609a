@NullMarked
package io.inmesh.routing;

import org.jspecify.annotations.NullMarked;
