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
        boolean named = host != null && http.requestSni().autoSni() && IpAddress.parse(host) == null;
        List<String> allowed = host != null && http.requestSni().autoSanValidation() ? List.of(host) : List.of();
        List<String> alpn = alpn(http, caller, info);
        return !named && allowed.isEmpty() && alpn.isEmpty()
                ? null
                : new RequestTls(named ? host : null, allowed, alpn);
    }

    /**
     * {@code ClusterInfoImpl::upstreamHttpProtocol}: of the versions that ALPN may choose the first counts, which is HTTP/2; and a caller's request came as HTTP/1.1 unless
     * it can be sent by HTTP/2 only.
     */
    private static List<String> alpn(HttpOptions http, HttpVersion caller, StreamInfo info) {
        if (!(info.filterState(AlpnOverrideFilter.FILTER_STATE) instanceof AlpnOverrideFilter override)) {
            return List.of();
        }
        return switch (http.version()) {
            case HTTP_1 -> override.http1();
            case HTTP_2, ALPN -> override.http2();
            case AS_CALLER -> caller == HttpVersion.HTTP_2 ? override.http2() : override.http1();
        };
    }

    /** The host that names follow, or null if none do. */
    private static @Nullable String host(RequestSni rule, RequestHead head) {
        if (!rule.autoSni() && !rule.autoSanValidation()) {
            return null;
        }
        String authority =
                rule.header().isEmpty() ? head.authority() : head.headers().get(rule.header());
        return authority == null || authority.isEmpty() ? null : withoutPort(authority);
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
