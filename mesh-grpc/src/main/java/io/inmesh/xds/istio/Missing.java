package io.inmesh.xds.istio;

import java.util.ArrayList;
import java.util.List;

/** What is needed and was found nowhere, told all at once. */
final class Missing {
    private final List<String> texts = new ArrayList<>();

    /**
     * Notes a necessity.
     *
     * @param what is missing
     * @param ways in which it can be given
     */
    void add(String what, String... ways) {
        texts.add(what + "; expected one of: " + String.join(", ", ways));
    }

    /** @throws IllegalStateException if anything was noted */
    void throwIfAny() {
        if (!texts.isEmpty()) {
            throw new IllegalStateException("istiod cannot be reached as things are. " + String.join(". ", texts));
        }
    }
}
