package io.inmesh.model;

import java.util.List;

/**
 * {@code istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig}, Istio's {@code istio.alpn}: which protocols TLS to an upstream offers, by the version of HTTP that will be spoken.
 * Peers with and without mutual TLS on one port tell callers of the mesh by these names. Cleartext takes no notice.
 *
 * @param http1 offered where HTTP/1.1 will be spoken, in place of what the cluster's TLS says; empty if that counts
 * @param http2 the same for HTTP/2
 */
public record AlpnOverrideFilter(List<String> http1, List<String> http2) implements FilterConfig {

    /** Where the filter leaves itself in a stream's filter state, for the router: Envoy's {@code Network::ApplicationProtocols}. */
    public static final String FILTER_STATE = "envoy.network.application_protocols";
}
