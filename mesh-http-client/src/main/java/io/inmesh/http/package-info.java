/** A {@link java.net.http.HttpClient} that is in the mesh. */
@NullMarked
package io.inmesh.http;

import org.jspecify.annotations.NullMarked;
