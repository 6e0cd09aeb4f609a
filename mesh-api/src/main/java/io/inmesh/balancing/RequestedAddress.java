package io.inmesh.balancing;

import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.snapshot.Dialect.Destination;
import org.jspecify.annotations.Nullable;

/**
 * Which host a request asks for by itself.
 *
 * @param host name or IP address, lower case
 * @param port 1 to 65535
 */
record RequestedAddress(String host, int port) {

    /** Envoy's {@code OriginalDstCluster::LoadBalancer::chooseHost}: the header, if it is an address, or else the destination. */
    static @Nullable RequestedAddress of(OriginalDestination rule, PickContext context) {
        RequestHead head = context.request();
        String value =
                rule.header().isEmpty() || head == null ? null : head.headers().get(rule.header());
        Destination named = value == null ? null : address(value);
        Destination destination = named == null ? context.destination() : named;
        if (destination == null) {
            return null;
        }
        return new RequestedAddress(destination.host(), rule.port() == 0 ? destination.port() : rule.port());
    }

    /** Envoy's dynamic forward proxy: the authority. */
    static @Nullable RequestedAddress of(PickContext context, boolean secure) {
        RequestHead head = context.request();
        Destination destination = head == null ? null : parse(secure ? "https" : "http", head.authority());
        return destination == null ? null : new RequestedAddress(destination.host(), destination.port());
    }

    /** {@code ip:port}, or null for anything else: the header is not to be trusted, so it never names what would have to be looked up. */
    private static @Nullable Destination address(String value) {
        int colon = value.lastIndexOf(':');
        boolean hasPort = colon > 0 && (value.indexOf(':') == colon || value.charAt(colon - 1) == ']');
        Destination parsed = hasPort ? parse("http", value) : null;
        return parsed != null && IpAddress.parse(parsed.host()) != null ? parsed : null;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    private static @Nullable Destination parse(String scheme, String authority) {
        try {
            return Destination.of(scheme, authority);
        } catch (IllegalArgumentException noAuthority) {
            return null;
        }
    }
}
