package io.inmesh.outbound;

import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.AlpnOverrideFilter;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's {@code TransportSocketOptions}: what of TLS follows a request. {@code auto_sni} and {@code auto_san_validation} are the part of {@code Filter::decodeHeaders} about
 * {@code upstream_http_protocol_options}; ALPN is what a filter left in the filter state.
 */
final class TransportOptions {
    private TransportOptions() {}

    /** What of TLS follows a request, before the route rewrites it; null if nothing does. */
    static @Nullable RequestTls of(HttpOptions http, HttpVersion caller, RequestHead head, StreamInfo info) {
        String host = host(http.requestSni(), head);
        // An IP address is no server name (RFC 6066 section 3); it may well be a name in a certificate.
        boolean named = host != null && !host.isEmpty() && http.requestSni().autoSni() && IpAddress.parse(host) == null;
        List<String> allowed = host != null && http.requestSni().autoSanValidation() ? List.of(host) : List.of();
        List<String> alpn = alpn(http, caller, info);
        return !named && allowed.isEmpty() && alpn.isEmpty()
                ? null
                : new RequestTls(named ? host : null, allowed, alpn);
    }

    /**
     * {@code ClusterInfoImpl::upstreamHttpProtocol}: of the versions that ALPN may choose the first counts, which is HTTP/2; and a caller's request came as HTTP/1.1 unless
     * it can be sent by HTTP/2 only. A cluster outside of the mesh keeps its own protocols by its metadata, {@code istio: {alpn_override: "false"}}; looked at here and not in
     * the filter, since the cluster may be another one by now.
     */
    private static List<String> alpn(HttpOptions http, HttpVersion caller, StreamInfo info) {
        if (!(info.filterState(AlpnOverrideFilter.FILTER_STATE) instanceof AlpnOverrideFilter override)) {
            return List.of();
        }
        Map<String, Object> istio = info.upstream().clusterMetadata().get("istio");
        if (istio != null && "false".equals(istio.get("alpn_override"))) {
            return List.of();
        }
        return switch (http.version()) {
            case HTTP_1 -> override.http1();
            case HTTP_2, ALPN -> override.http2();
            case AS_CALLER -> caller == HttpVersion.HTTP_2 ? override.http2() : override.http1();
        };
    }

    /**
     * The host that names follow, or null if none do. Without an authority it is empty, and no certificate has that name. A request without a value for {@code override_auto_sni_header} is one with its authority: it must not get a connection whose peer
     * was not verified.
     */
    private static @Nullable String host(RequestSni rule, RequestHead head) {
        if (!rule.autoSni() && !rule.autoSanValidation()) {
            return null;
        }
        String named = rule.header().isEmpty() ? null : head.headers().get(rule.header());
        String authority = named == null || named.isEmpty() ? head.authority() : named;
        return authority.isEmpty() ? "" : withoutPort(authority);
    }

    private static String withoutPort(String authority) {
        if (authority.charAt(0) == '[') {
            int end = authority.indexOf(']');
            return end < 0 ? authority : authority.substring(1, end);
        }
        int colon = authority.lastIndexOf(':');
        return colon < 0 ? authority : authority.substring(0, colon);
    }
}
