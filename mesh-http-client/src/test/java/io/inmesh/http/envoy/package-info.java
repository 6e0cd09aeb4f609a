@NullMarked
package io.inmesh.http.envoy;

import org.jspecify.annotations.NullMarked;
