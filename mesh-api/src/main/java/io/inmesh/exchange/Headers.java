package io.inmesh.exchange;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a request or a response, in order, names in lower case.
 *
 * <p>A name may repeat; its values keep their order. Pseudo-headers are not in here: they are fields of {@link RequestHead} and
 * {@link ResponseHead}. Look-ups are linear, which for the number of fields that a request has is faster than hashing.
 *
 * <p>Not thread-safe: it belongs to one call.
 */
public final class Headers {
    private static final int INITIAL_FIELDS = 12;

    /** Name at 2i, value at 2i + 1. */
    private String[] fields;

    private int size;

    /** No fields. */
    public Headers() {
        fields = new String[2 * INITIAL_FIELDS];
    }

    private Headers(Headers other) {
        fields = Arrays.copyOf(other.fields, other.fields.length);
        size = other.size;
    }

    /**
     * Fields from names and values that take turns.
     *
     * @param namesAndValues an even number of strings
     * @throws IllegalArgumentException if their number is odd
     */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a header has no value: " + namesAndValues[namesAndValues.length - 1]);
        }
        Headers headers = new Headers();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    /** The number of fields; a repeated name counts each time. */
    public int size() {
        return size;
    }

    /** The name of field {@code index}, in lower case. */
    public String name(int index) {
        return fields[2 * index];
    }

    /** The value of field {@code index}. */
    public String value(int index) {
        return fields[2 * index + 1];
    }

    /** The value of the first field of that name (given in lower case), or null. */
    public @Nullable String get(String lowerCaseName) {
        int index = indexOf(lowerCaseName, 0);
        return index < 0 ? null : value(index);
    }

    /** Whether a field of that name (given in lower case) is there. */
    public boolean contains(String lowerCaseName) {
        return indexOf(lowerCaseName, 0) >= 0;
    }

    /** All values of that name (given in lower case), in order; empty if there is none. */
    public List<String> all(String lowerCaseName) {
        List<String> values = new ArrayList<>(2);
        for (int i = indexOf(lowerCaseName, 0); i >= 0; i = indexOf(lowerCaseName, i + 1)) {
            values.add(value(i));
        }
        return values;
    }

    /** The index of the first field of that name (given in lower case) at or after {@code from}, or -1. */
    @SuppressWarnings("ReferenceEquality") // names are mostly the same constants: identity first, content second
    public int indexOf(String lowerCaseName, int from) {
        for (int i = from; i < size; i++) {
            String name = fields[2 * i];
            if (name == lowerCaseName || name.equals(lowerCaseName)) {
                return i;
            }
        }
        return -1;
    }

    /** Adds a field behind all others. */
    public Headers add(String name, String value) {
        if (2 * size == fields.length) {
            fields = Arrays.copyOf(fields, 2 * fields.length);
        }
        fields[2 * size] = lowerCase(name);
        fields[2 * size + 1] = value;
        size++;
        return this;
    }

    /** Puts a value into the first field of that name and removes the others; adds the field if there is none. */
    public Headers set(String name, String value) {
        String lowerCaseName = lowerCase(name);
        int first = indexOf(lowerCaseName, 0);
        if (first < 0) {
            return add(lowerCaseName, value);
        }
        fields[2 * first + 1] = value;
        removeFrom(lowerCaseName, first + 1);
        return this;
    }

    /** Replaces the value of field {@code index}. */
    public void setValue(int index, String value) {
        fields[2 * index + 1] = value;
    }

    /** Removes all fields of that name (given in lower case); true if there was one. */
    public boolean remove(String lowerCaseName) {
        return removeFrom(lowerCaseName, 0);
    }

    /** Removes all fields. */
    public void clear() {
        Arrays.fill(fields, 0, 2 * size, null);
        size = 0;
    }

    /** A copy that shares nothing with this one. */
    public Headers copy() {
        return new Headers(this);
    }

    private boolean removeFrom(String lowerCaseName, int from) {
        int kept = indexOf(lowerCaseName, from);
        if (kept < 0) {
            return false;
        }
        for (int i = kept + 1; i < size; i++) {
            if (!fields[2 * i].equals(lowerCaseName)) {
                fields[2 * kept] = fields[2 * i];
                fields[2 * kept + 1] = fields[2 * i + 1];
                kept++;
            }
        }
        Arrays.fill(fields, 2 * kept, 2 * size, null);
        size = kept;
        return true;
    }

    private static String lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Headers headers
                && size == headers.size
                && Arrays.equals(fields, 0, 2 * size, headers.fields, 0, 2 * size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < 2 * size; i++) {
            hash = 31 * hash + fields[i].hashCode();
        }
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ").append(name(i)).append(": ").append(value(i));
        }
        return text.append('}').toString();
    }
}
