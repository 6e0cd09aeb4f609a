package io.inmesh.model;

import java.util.BitSet;
import java.util.Objects;

/** Ports from 0 to 65535. Immutable; equal if they have the same ports. */
public final class PortSet {
    private static final int SIZE = 1 << 16;

    /** No port. */
    public static final PortSet NONE = new PortSet(new BitSet());

    /** Every port. */
    public static final PortSet ALL = range(0, SIZE);

    private final BitSet ports;

    private PortSet(BitSet ports) {
        this.ports = ports;
    }

    /** The ports from {@code start} on and below {@code end}; none if there is nothing between them. */
    public static PortSet range(int start, int end) {
        BitSet ports = new BitSet();
        int from = Math.max(start, 0);
        int to = Math.min(end, SIZE);
        if (from < to) {
            ports.set(from, to);
        }
        return new PortSet(ports);
    }

    /** Those of either. */
    public PortSet or(PortSet other) {
        BitSet both = (BitSet) ports.clone();
        both.or(other.ports);
        return new PortSet(both);
    }

    /** Those that both have. */
    public PortSet and(PortSet other) {
        BitSet common = (BitSet) ports.clone();
        common.and(other.ports);
        return new PortSet(common);
    }

    /** All others. */
    public PortSet not() {
        BitSet rest = (BitSet) ports.clone();
        rest.flip(0, SIZE);
        return new PortSet(rest);
    }

    /** Whether it has a port. */
    public boolean contains(int port) {
        return ports.get(port);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PortSet set && ports.equals(set.ports);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(ports);
    }

    @Override
    public String toString() {
        return ports.cardinality() > SIZE / 2 ? "all but " + not().ports : ports.toString();
    }
}
