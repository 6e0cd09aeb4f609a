@NullMarked
package io.inmesh.matching;

import org.jspecify.annotations.NullMarked;
