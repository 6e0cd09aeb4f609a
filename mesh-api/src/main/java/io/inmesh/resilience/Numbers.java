package io.inmesh.resilience;

import org.jspecify.annotations.Nullable;

/** Numbers in header values, read as Envoy reads them. */
final class Numbers {
    private Numbers() {}

    /** A whole number from 0 on, spaces around it allowed; null for anything else. */
    static @Nullable Long unsigned(String text) {
        try {
            long number = Long.parseLong(text.strip());
            return number < 0 ? null : number;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
