package io.inmesh.exchange;

import org.jspecify.annotations.Nullable;

/**
 * An IP address in a form that compares without allocation. An IPv4 address is in the low 32 bits.
 *
 * @param high the upper 64 bits of an IPv6 address, 0 for IPv4
 * @param low  the lower 64 bits
 * @param v4   whether it is an IPv4 address; one that is mapped into IPv6 is an IPv6 address
 */
public record IpAddress(long high, long low, boolean v4) {

    /**
     * An address from its 4 or 16 bytes.
     *
     * @throws IllegalArgumentException if there are not 4 or 16
     */
    public static IpAddress of(byte[] bytes) {
        if (bytes.length == 4) {
            return new IpAddress(0, number(bytes, 0, 4), true);
        }
        if (bytes.length == 16) {
            return new IpAddress(number(bytes, 0, 8), number(bytes, 8, 16), false);
        }
        throw new IllegalArgumentException("an IP address has 4 or 16 bytes, not " + bytes.length);
    }

    /** An address from its textual form, without brackets or zone; null if it is none. Never asks DNS. */
    public static @Nullable IpAddress parse(String text) {
        byte[] bytes = IpText.parse(text);
        return bytes == null ? null : of(bytes);
    }

    /** The IPv4 address that is mapped into this one ({@code ::ffff:a.b.c.d}, RFC 4291 section 2.5.5.2); otherwise the address itself. */
    public IpAddress unmapped() {
        return !v4 && high == 0 && low >>> 32 == 0xffff ? new IpAddress(0, low & 0xffff_ffffL, true) : this;
    }

    private static long number(byte[] bytes, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = number << 8 | (bytes[i] & 0xff);
        }
        return number;
    }

    /** The textual form: dotted, or as RFC 5952 has it. */
    @Override
    public String toString() {
        return IpText.format(this);
    }
}
