@NullMarked
package io.inmesh.security;

import org.jspecify.annotations.NullMarked;
