@NullMarked
package io.inmesh.http;

import org.jspecify.annotations.NullMarked;
