package io.inmesh.routing;

import org.jspecify.annotations.Nullable;

/** Parts of {@code host:port} and {@code [v6]:port}. */
final class Addresses {
    private Addresses() {}

    /** Where the colon before the port stands, or -1: {@code HeaderUtility::getPortStart}. */
    static int portColon(String address) {
        int colon = address.lastIndexOf(':');
        return colon >= 0 && address.indexOf(']', colon) < 0 ? colon : -1;
    }

    static @Nullable String withoutPort(@Nullable String address) {
        if (address == null) {
            return null;
        }
        int colon = portColon(address);
        String host = colon < 0 ? address : address.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    static @Nullable String port(@Nullable String address) {
        int colon = address == null ? -1 : portColon(address);
        return address == null || colon < 0 ? null : address.substring(colon + 1);
    }
}
