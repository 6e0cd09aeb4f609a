package io.inmesh.grpc;

import io.inmesh.exchange.IpAddress;

/** Reads gRPC targets. */
public final class Targets {
    private Targets() {}

    /** The host of a target, without port and brackets: {@code dns:///a:1}, {@code a:1}, {@code [::1]:1}; {@code localhost} for a Unix socket. */
    public static String host(String target) {
        if (Dial.isUnix(target)) {
            return "localhost";
        }
        String address = target.substring(target.lastIndexOf('/') + 1);
        if (address.startsWith("[")) {
            return address.substring(1, Math.max(1, address.indexOf(']')));
        }
        int colon = address.lastIndexOf(':');
        return colon < 0 ? address : address.substring(0, colon);
    }

    /** Whether a target is on this machine as far as its text tells. */
    public static boolean isThisMachine(String target) {
        String host = host(target);
        return host.equalsIgnoreCase("localhost") || isLoopback(host);
    }

    private static boolean isLoopback(String host) {
        IpAddress address = IpAddress.parse(host);
        if (address == null) {
            return false;
        }
        return address.v4() ? address.low() >>> 24 == 127 : address.high() == 0 && address.low() == 1;
    }
}
