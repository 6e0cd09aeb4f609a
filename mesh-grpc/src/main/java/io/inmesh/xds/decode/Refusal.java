package io.inmesh.xds.decode;

import org.jspecify.annotations.Nullable;

/** Collects why a resource cannot be used although it is well-formed; the first reason counts. */
final class Refusal {
    private @Nullable String reason;

    void because(String why) {
        if (reason == null) {
            reason = why;
        }
    }

    @Nullable
    String reason() {
        return reason;
    }
}
