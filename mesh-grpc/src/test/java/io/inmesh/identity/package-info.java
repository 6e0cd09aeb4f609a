@NullMarked
package io.inmesh.identity;

import org.jspecify.annotations.NullMarked;
