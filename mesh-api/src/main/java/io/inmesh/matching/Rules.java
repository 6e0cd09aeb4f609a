package io.inmesh.matching;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/** {@code ListMatcher}: a rule that matches but leads nowhere is passed over, and one that cannot be judged ends the search. */
final class Rules<A> extends Node<A> {
    private final Predicate[] predicates;
    private final Node<A>[] branches;
    private final Node<A> otherwise;

    Rules(Predicate[] predicates, Node<A>[] branches, Node<A> otherwise) {
        this.predicates = predicates;
        this.branches = branches;
        this.otherwise = otherwise;
    }

    @Override
    @Nullable
    Outcome<A> find(@Nullable RequestHead head, StreamInfo info) {
        for (int i = 0; i < predicates.length; i++) {
            int matched = predicates[i].test(head, info);
            if (matched == Predicate.UNKNOWN) {
                return Outcome.unknown();
            }
            if (matched == Predicate.YES) {
                Outcome<A> found = branches[i].find(head, info);
                if (found != null) {
                    return found;
                }
            }
        }
        return otherwise.find(head, info);
    }
}
