package io.inmesh.model;

import org.jspecify.annotations.Nullable;

/**
 * An outbound listener as an in-process client sees it: never bound, only looked up. {@code envoy.config.listener.v3.Listener}.
 *
 * @param name    the resource's name
 * @param address its IP address, or null for an {@code api_listener}
 * @param port    its port, or 0 for an {@code api_listener}
 * @param http    its HTTP connection manager, or null if it has none that a client could use
 * @param unusable why this data plane cannot use the listener, or null
 */
public record Listener(
        String name,
        @Nullable String address,
        int port,
        @Nullable HttpConnectionManager http,
        @Nullable String unusable) {}
