package io.inmesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An outbound listener as an in-process client sees it: never bound, only looked up. {@code envoy.config.listener.v3.Listener}.
 *
 * @param name    the resource's name
 * @param address its IP address, or null for an {@code api_listener}
 * @param port    its port, or 0 for an {@code api_listener}
 * @param http    its HTTP connection manager, or null if it has none that a client could use
 * @param tcp      its filter chains that end in a TCP proxy, in the order given: what happens to bytes that are not HTTP in the clear
 * @param originalDestination {@code use_original_dst}: it takes the connections of every address that has no listener of its own, as Istio's {@code virtualOutbound}
 * @param unusable why this data plane cannot use the listener for HTTP, or null
 */
public record Listener(
        String name,
        @Nullable String address,
        int port,
        @Nullable HttpConnectionManager http,
        List<TcpChain> tcp,
        boolean originalDestination,
        @Nullable String unusable) {

    /** A listener without anything but HTTP. */
    public Listener(
            String name,
            @Nullable String address,
            int port,
            @Nullable HttpConnectionManager http,
            @Nullable String unusable) {
        this(name, address, port, http, List.of(), false, unusable);
    }

    /**
     * A filter chain that ends in a TCP proxy. Such connections are not meshed here: who wants to know whether they are allowed to go straight to their address
     * reads it here.
     *
     * @param match    which connections take it
     * @param fallback whether it is the listener's default chain
     * @param clusters where they would go
     */
    public record TcpChain(FilterChainMatch match, boolean fallback, List<String> clusters) {}
}
