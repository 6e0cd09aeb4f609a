package io.inmesh.model;

import io.inmesh.model.Endpoint.AdditionalAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An outbound listener as an in-process client sees it: never bound, only looked up. {@code envoy.config.listener.v3.Listener}.
 *
 * @param name    the resource's name
 * @param address its IP address, the path of its pipe, or null for an {@code api_listener}
 * @param port    its port; 0 if no TCP connection goes to it, as for an {@code api_listener}, a pipe, or datagrams
 * @param http    its HTTP connection manager, or null if it has none that a client could use
 * @param httpMatch which connections take the chain of {@code http}; null if that is the default chain, or no chain at all
 * @param tcp      its other filter chains, in the order given: what happens to bytes that are not HTTP in the clear
 * @param originalDestination {@code use_original_dst}: it takes the connections of every address that has no listener of its own, as Istio's {@code virtualOutbound}
 * @param inspectsTls  whether a {@code tls_inspector} looks at the ClientHello: without one, SNI, ALPN and transport protocol are not known when a chain is chosen
 * @param inspectsHttp whether an {@code http_inspector} looks at the first bytes of a connection in the clear
 * @param egress   the filter chains of a listener with {@code originalDestination} that end in an HTTP connection manager, in the order given: which requests may go
 *                to an address that has no listener of its own
 * @param unusable why this data plane cannot use the listener for HTTP, or null
 * @param additional {@code additional_addresses}: where connections find it too, as at the IPv6 address of a service that has one of each family
 */
public record Listener(
        String name,
        @Nullable String address,
        int port,
        @Nullable HttpConnectionManager http,
        @Nullable FilterChainMatch httpMatch,
        List<TcpChain> tcp,
        boolean originalDestination,
        boolean inspectsTls,
        boolean inspectsHttp,
        List<HttpChain> egress,
        @Nullable String unusable,
        List<AdditionalAddress> additional) {

    /** A listener with one address. */
    public Listener(
            String name,
            @Nullable String address,
            int port,
            @Nullable HttpConnectionManager http,
            @Nullable FilterChainMatch httpMatch,
            List<TcpChain> tcp,
            boolean originalDestination,
            boolean inspectsTls,
            boolean inspectsHttp,
            List<HttpChain> egress,
            @Nullable String unusable) {
        this(
                name,
                address,
                port,
                http,
                httpMatch,
                tcp,
                originalDestination,
                inspectsTls,
                inspectsHttp,
                egress,
                unusable,
                List.of());
    }

    /** A listener without anything but HTTP. */
    public Listener(
            String name,
            @Nullable String address,
            int port,
            @Nullable HttpConnectionManager http,
            @Nullable String unusable) {
        this(
                name,
                address,
                port,
                http,
                http == null ? null : FilterChainMatch.ANY,
                List.of(),
                false,
                false,
                false,
                List.of(),
                unusable);
    }

    /**
     * A filter chain that does not end in the HTTP connection manager that this data plane uses. Such connections are not meshed here: who wants to know whether
     * they are allowed to go straight to their address reads it here.
     *
     * @param match    which connections take it
     * @param fallback whether it is the listener's default chain
     * @param clusters where a TCP proxy at its end sends them; empty if it has another end, or may refuse them before: nothing is known to be allowed then
     */
    public record TcpChain(FilterChainMatch match, boolean fallback, List<String> clusters) {}

    /**
     * A filter chain that ends in an HTTP connection manager.
     *
     * @param match    which connections take it
     * @param fallback whether it is the listener's default chain
     * @param routes   where requests would go
     */
    public record HttpChain(FilterChainMatch match, boolean fallback, RouteTable routes) {}
}
