package io.inmesh.snapshot;

import io.inmesh.exchange.IpAddress;

/**
 * Hosts that end in a number, as the URL standard has it (host parsing, "ends in a number"): no name does, because no top-level domain is one, so that it is an address or a
 * mistake.
 */
final class NumericHost {
    private NumericHost() {}

    /** Whether a host ends in a number and is no IPv4 address. */
    static boolean isNoAddress(String host) {
        int end = host.endsWith(".") ? host.length() - 1 : host.length();
        int start = host.lastIndexOf('.', end - 1) + 1;
        return start < end
                && host.indexOf(':') < 0
                && isNumber(host, start, end)
                && IpAddress.parse(host.substring(0, end)) == null;
    }

    private static boolean isNumber(String host, int start, int end) {
        boolean hexadecimal = host.startsWith("0x", start) || host.startsWith("0X", start);
        for (int i = hexadecimal ? start + 2 : start; i < end; i++) {
            if (Character.digit(host.charAt(i), hexadecimal ? 16 : 10) < 0) {
                return false;
            }
        }
        return true;
    }
}
