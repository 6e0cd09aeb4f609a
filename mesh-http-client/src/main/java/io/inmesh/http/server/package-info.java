/** Servers in the mesh: Netty, the JDK's {@code HttpServer}, Servlet containers. What happens to a connection and to a request is decided by {@code io.inmesh.inbound}. */
@NullMarked
package io.inmesh.http.server;

import org.jspecify.annotations.NullMarked;
