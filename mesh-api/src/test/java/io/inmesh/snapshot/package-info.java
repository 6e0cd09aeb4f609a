@NullMarked
package io.inmesh.snapshot;

import org.jspecify.annotations.NullMarked;
