/**
 * The Netty transport of HTTP requests: event loops, connection pools, HTTP/1.1, HTTP/2, TLS. It carries single attempts and knows nothing of routes.
 */
@NullMarked
package io.inmesh.http.wire;

import org.jspecify.annotations.NullMarked;
