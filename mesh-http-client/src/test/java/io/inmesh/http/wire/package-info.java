@NullMarked
package io.inmesh.http.wire;

import org.jspecify.annotations.NullMarked;
