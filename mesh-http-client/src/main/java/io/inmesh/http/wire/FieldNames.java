package io.inmesh.http.wire;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the lower-case strings of the names that a host sends in each of its responses, so that they are made once a connection. A small table
 * without chains: a name that finds its place taken takes it.
 */
final class FieldNames {
    private static final int SLOTS = 64;

    private final @Nullable CharSequence[] received = new CharSequence[SLOTS];
    private final String[] lowerCase = new String[SLOTS];

    String lowerCase(CharSequence name) {
        // Netty's hash does not look at the case; the comparison does.
        int slot = AsciiString.hashCode(name) & (SLOTS - 1);
        CharSequence known = received[slot];
        if (known != null && AsciiString.contentEquals(known, name)) {
            return lowerCase[slot];
        }
        String lower = AsciiString.of(name).toLowerCase().toString();
        received[slot] = name;
        lowerCase[slot] = lower;
        return lower;
    }
}
