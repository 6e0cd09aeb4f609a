package io.inmesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection that was accepted goes through: {@code envoy.config.listener.v3.FilterChain}.
 *
 * @param name           for the status and for logs; may be empty
 * @param match          which connections take it
 * @param tls            its TLS, or null for none
 * @param networkFilters those before the HTTP connection manager (or the TCP proxy) at the end, in the order in which they see the connection
 * @param http           the HTTP connection manager at its end, or null if there is another end: HTTP requests are then refused
 * @param unusable       why its connections are refused, or null: something in it is not supported, cannot be read or is missing, and may decide who may do what
 */
public record InboundChain(
        String name,
        FilterChainMatch match,
        @Nullable DownstreamTls tls,
        List<NetworkFilterConfig> networkFilters,
        @Nullable HttpConnectionManager http,
        @Nullable String unusable) {}
