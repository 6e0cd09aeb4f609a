package io.inmesh.inbound;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.CidrRange;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of addresses, of which the longest that holds an address is found in one walk over its bits.
 *
 * @param <T> what a range stands for
 */
final class PrefixTrie<T> {
    private final Node<T> v4 = new Node<>();
    private final Node<T> v6 = new Node<>();

    /** Adds a range; what was there for it before stays. */
    void add(CidrRange range, T value) {
        Node<T> node = range.address().v4() ? v4 : v6;
        for (int i = 0; i < range.bits(); i++) {
            node = node.child(bit(range.address(), i));
        }
        node.addValue(value);
    }

    /** Adds the range that holds every address of both kinds. */
    void addForAll(T value) {
        v4.addValue(value);
        v6.addValue(value);
    }

    @Nullable
    T longest(IpAddress address) {
        Node<T> node = address.v4() ? v4 : v6;
        T found = node.value;
        int bits = address.v4() ? 32 : 128;
        for (int i = 0; i < bits; i++) {
            Node<T> next = bit(address, i) ? node.one : node.zero;
            if (next == null) {
                break;
            }
            node = next;
            found = node.value == null ? found : node.value;
        }
        return found;
    }

    /** Bit {@code index} from the most significant one on. */
    private static boolean bit(IpAddress address, int index) {
        if (address.v4()) {
            return (address.low() >>> (31 - index) & 1) != 0;
        }
        long half = index < 64 ? address.high() : address.low();
        return (half >>> (63 - (index & 63)) & 1) != 0;
    }

    private static final class Node<T> {
        @Nullable
        Node<T> zero;

        @Nullable
        Node<T> one;

        @Nullable
        T value;

        Node<T> child(boolean bit) {
            Node<T> known = bit ? one : zero;
            if (known != null) {
                return known;
            }
            Node<T> made = new Node<>();
            if (bit) {
                one = made;
            } else {
                zero = made;
            }
            return made;
        }

        void addValue(T added) {
            if (value == null) {
                value = added;
            }
        }
    }
}
