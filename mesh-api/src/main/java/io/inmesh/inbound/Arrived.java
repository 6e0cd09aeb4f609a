package io.inmesh.inbound;

import io.inmesh.exchange.IpAddress;
import java.util.List;

/** A connection as the listener filters of its listener let a chain be chosen: what nobody looked at is not known. */
final class Arrived {
    private static final IpAddress LOOPBACK_V4 = new IpAddress(0, 0x7f000001L, true);
    private static final IpAddress LOOPBACK_V6 = new IpAddress(0, 1, false);

    private Arrived() {}

    /** Without a {@code tls_inspector} every connection is {@code raw_buffer}. */
    static boolean tls(ConnectionArrival arrival, boolean inspectsTls) {
        return inspectsTls && arrival.tls();
    }

    /** By ALPN, or by an {@code http_inspector}, which leaves a connection alone that is known to be TLS. */
    static List<String> applicationProtocols(ConnectionArrival arrival, boolean inspectsTls, boolean inspectsHttp) {
        return (arrival.tls() ? inspectsTls : inspectsHttp) ? arrival.applicationProtocols() : List.of();
    }

    /** {@code Network::Utility::isSameIpOrLoopback}, which knows one loopback address of each kind. */
    static boolean isLocal(ConnectionArrival arrival) {
        IpAddress remote = arrival.remote();
        return isLoopback(remote) || remote.equals(arrival.local());
    }

    /** {@code Network::Utility::isLoopbackAddress}. */
    static boolean isLoopback(IpAddress address) {
        return address.equals(LOOPBACK_V4) || address.equals(LOOPBACK_V6);
    }
}
