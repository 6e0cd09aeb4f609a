package io.inmesh.http.wire;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** In which order, and how soon after each other, the addresses of one host are tried: RFC 8305, as Envoy's {@code HappyEyeballsConnectionProvider} has it. */
final class HappyEyeballs {
    /** After which the next address is tried beside those before. */
    static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private HappyEyeballs() {}

    /** The families in turn, beginning with that of the first address; each keeps its order. */
    static Deque<InetSocketAddress> order(List<InetSocketAddress> addresses) {
        Deque<InetSocketAddress> ordered = new ArrayDeque<>(addresses.size());
        if (addresses.size() < 2) {
            ordered.addAll(addresses);
            return ordered;
        }
        boolean first = isV4(addresses.get(0));
        Deque<InetSocketAddress> own = family(addresses, first);
        Deque<InetSocketAddress> other = family(addresses, !first);
        while (!own.isEmpty() || !other.isEmpty()) {
            moveOne(own, ordered);
            moveOne(other, ordered);
        }
        return ordered;
    }

    private static Deque<InetSocketAddress> family(List<InetSocketAddress> addresses, boolean v4) {
        Deque<InetSocketAddress> family = new ArrayDeque<>(addresses.size());
        for (InetSocketAddress address : addresses) {
            if (isV4(address) == v4) {
                family.add(address);
            }
        }
        return family;
    }

    private static void moveOne(Deque<InetSocketAddress> from, Collection<InetSocketAddress> to) {
        InetSocketAddress next = from.poll();
        if (next != null) {
            to.add(next);
        }
    }

    private static boolean isV4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }
}
