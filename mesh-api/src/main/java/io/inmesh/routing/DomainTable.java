package io.inmesh.routing;

import io.inmesh.model.TextRegion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Texts that hosts start or end with, found in place and without regard to case. The host is read once, from its start or its end, and its
 * hash grows by each character, so that all lengths are looked up in one pass.
 *
 * @param <T> what a text stands for
 */
final class DomainTable<T> {
    private final boolean fromEnd;
    private final @Nullable String[] keys;
    private final List<@Nullable T> values;
    private final boolean[] lengths;
    private final int mask;

    /** A table of these texts, each in lower case. {@code fromEnd}: they are ends of hosts. */
    DomainTable(Map<String, T> entries, boolean fromEnd) {
        this.fromEnd = fromEnd;
        int capacity = Integer.highestOneBit(Math.max(2, 4 * entries.size()));
        mask = capacity - 1;
        keys = new @Nullable String[capacity];
        @Nullable Object[] slots = new @Nullable Object[capacity];
        int longest = 0;
        for (String key : entries.keySet()) {
            longest = Math.max(longest, key.length());
        }
        lengths = new boolean[longest + 1];
        entries.forEach((key, value) -> slots[place(key)] = value);
        @SuppressWarnings("unchecked") // the array holds the values of the map and nulls only
        List<@Nullable T> typed = (List<@Nullable T>) java.util.Arrays.asList(slots);
        values = typed;
    }

    private int place(String key) {
        lengths[key.length()] = true;
        int hash = 0;
        for (int i = 0; i < key.length(); i++) {
            hash = 31 * hash + character(key, key.length(), i);
        }
        int slot = slot(hash);
        while (keys[slot] != null) {
            slot = (slot + 1) & mask;
        }
        keys[slot] = key.toLowerCase(Locale.ROOT);
        return slot;
    }

    /** What the whole host, up to {@code end}, stands for, or null. */
    @Nullable
    T exact(String host, int end) {
        if (end >= lengths.length || !lengths[end]) {
            return null;
        }
        int hash = 0;
        for (int i = 0; i < end; i++) {
            hash = 31 * hash + character(host, end, i);
        }
        return find(host, end, end, hash);
    }

    /** What the longest text stands for with which the host, up to {@code end}, starts or ends, if it is not the whole host; or null. */
    @Nullable
    T longest(String host, int end) {
        T found = null;
        int hash = 0;
        int limit = Math.min(end, lengths.length);
        for (int length = 1; length < limit; length++) {
            hash = 31 * hash + character(host, end, length - 1);
            if (lengths[length]) {
                T candidate = find(host, end, length, hash);
                if (candidate != null) {
                    found = candidate;
                }
            }
        }
        return found;
    }

    private @Nullable T find(String host, int end, int length, int hash) {
        int from = fromEnd ? end - length : 0;
        for (int slot = slot(hash); ; slot = (slot + 1) & mask) {
            String key = keys[slot];
            if (key == null) {
                return null;
            }
            if (key.length() == length && TextRegion.startsWith(host, from, from + length, key, true)) {
                return values.get(slot);
            }
        }
    }

    private char character(String text, int end, int index) {
        return TextRegion.lower(text.charAt(fromEnd ? end - 1 - index : index));
    }

    private int slot(int hash) {
        return (hash ^ (hash >>> 15)) & mask;
    }
}
