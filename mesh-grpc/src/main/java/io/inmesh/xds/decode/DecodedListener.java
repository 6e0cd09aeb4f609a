package io.inmesh.xds.decode;

import io.inmesh.model.Listener;
import io.inmesh.model.RouteTable;
import org.jspecify.annotations.Nullable;

/**
 * A listener and what it brings along.
 *
 * @param listener the listener
 * @param routes   its own route table, filed under the name that the listener's connection manager has; null if it comes by RDS
 */
public record DecodedListener(Listener listener, @Nullable RouteTable routes) {}
