@NullMarked
package io.inmesh.http.server;

import org.jspecify.annotations.NullMarked;
