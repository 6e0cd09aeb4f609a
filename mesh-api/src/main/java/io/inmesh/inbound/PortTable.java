package io.inmesh.inbound;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Ports, found without a box around the number. Immutable.
 *
 * @param <T> what a port stands for
 */
public final class PortTable<T> {
    private final int[] ports;
    private final List<T> values;

    /** A table of its own, whatever becomes of the map. */
    public PortTable(Map<Integer, T> entries) {
        Map<Integer, T> sorted = new TreeMap<>(entries);
        ports = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
        values = List.copyOf(sorted.values());
    }

    /** What a port stands for, or null. */
    public @Nullable T get(int port) {
        int index = Arrays.binarySearch(ports, port);
        return index < 0 ? null : values.get(index);
    }
}
