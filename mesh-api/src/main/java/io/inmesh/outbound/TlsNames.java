package io.inmesh.outbound;

import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.Cluster.RequestSni;
import io.inmesh.outbound.UpstreamTarget.RequestTls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code auto_sni} and {@code auto_san_validation}: the part of Envoy's {@code Filter::decodeHeaders} about {@code upstream_http_protocol_options}. */
final class TlsNames {
    private TlsNames() {}

    /** What of TLS follows a request, before the route rewrites it; null if nothing does. */
    static @Nullable RequestTls of(RequestSni rule, RequestHead head) {
        if (!rule.autoSni() && !rule.autoSanValidation()) {
            return null;
        }
        String authority =
                rule.header().isEmpty() ? head.authority() : head.headers().get(rule.header());
        if (authority == null || authority.isEmpty()) {
            return null;
        }
        String host = host(authority);
        // An IP address is no server name (RFC 6066 section 3); it may well be a name in a certificate.
        String serverName = rule.autoSni() && IpAddress.parse(host) == null ? host : null;
        List<String> allowed = rule.autoSanValidation() ? List.of(host) : List.of();
        return serverName == null && allowed.isEmpty() ? null : new RequestTls(serverName, allowed);
    }

    private static String host(String authority) {
        if (authority.charAt(0) == '[') {
            int end = authority.indexOf(']');
            return end < 0 ? authority : authority.substring(1, end);
        }
        int colon = authority.lastIndexOf(':');
        return colon < 0 ? authority : authority.substring(0, colon);
    }
}
