package io.inmesh.matching;

import org.jspecify.annotations.Nullable;

/** What a node has found: an action, or, without one, that a fact is missing. That nothing matches is null. */
record Outcome<A>(@Nullable A action) {
    private static final Outcome<?> UNKNOWN = new Outcome<>(null);

    /** {@code ActionMatchResult::insufficientData}: ends the search. */
    @SuppressWarnings("unchecked") // has no action of any type
    static <A> Outcome<A> unknown() {
        return (Outcome<A>) UNKNOWN;
    }
}
