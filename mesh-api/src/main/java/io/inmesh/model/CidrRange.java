package io.inmesh.model;

import io.inmesh.exchange.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A range of IP addresses: {@code envoy.config.core.v3.CidrRange}. IPv4 ranges take IPv4 addresses only, IPv6 ranges IPv6 addresses only.
 *
 * @param address of the range; bits behind the prefix do not count
 * @param bits    0 to 32 or 128
 */
public record CidrRange(IpAddress address, int bits) {

    /** Cuts the address down to the range. */
    public CidrRange {
        if (bits < 0 || bits > (address.v4() ? 32 : 128)) {
            throw new IllegalArgumentException("a prefix of " + address + " cannot have " + bits + " bits");
        }
        address = masked(address, bits);
    }

    /** A range from {@code 10.0.0.0} and 8, or null if the text is no IP address. */
    public static @Nullable CidrRange of(String text, int bits) {
        IpAddress address = IpAddress.parse(text);
        return address == null ? null : new CidrRange(address, bits);
    }

    /** Whether an address is in the range. Allocates nothing. */
    public boolean contains(IpAddress other) {
        if (other.v4() != address.v4()) {
            return false;
        }
        int lowBits = address.v4() ? bits + 32 : Math.max(0, bits - 64);
        int highBits = address.v4() ? 0 : Math.min(64, bits);
        return ((other.high() ^ address.high()) & mask(highBits)) == 0
                && ((other.low() ^ address.low()) & mask(lowBits)) == 0;
    }

    private static IpAddress masked(IpAddress address, int bits) {
        int lowBits = address.v4() ? bits + 32 : Math.max(0, bits - 64);
        int highBits = address.v4() ? 64 : Math.min(64, bits);
        return new IpAddress(address.high() & mask(highBits), address.low() & mask(lowBits), address.v4());
    }

    /** The upper bits of 64. */
    private static long mask(int bits) {
        return bits == 0 ? 0 : -1L << (64 - bits);
    }

    @Override
    public String toString() {
        return address + "/" + bits;
    }
}
