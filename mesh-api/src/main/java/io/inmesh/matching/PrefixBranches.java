package io.inmesh.matching;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/** {@code PrefixMapMatcher}: the branch of the longest prefix; if that leads nowhere, the next shorter one. */
final class PrefixBranches<A> extends Node<A> {
    private final Input input;
    private final String[] prefixes;
    private final Node<A>[] branches;
    private final Node<A> otherwise;

    /** @param prefixes the longest first */
    PrefixBranches(Input input, String[] prefixes, Node<A>[] branches, Node<A> otherwise) {
        this.input = input;
        this.prefixes = prefixes;
        this.branches = branches;
        this.otherwise = otherwise;
    }

    @Override
    @Nullable
    Outcome<A> find(@Nullable RequestHead head, StreamInfo info) {
        if (!input.isKnown(head, info)) {
            return Outcome.unknown();
        }
        String value = input.text(head, info);
        for (int i = 0; value != null && i < prefixes.length; i++) {
            if (value.startsWith(prefixes[i])) {
                Outcome<A> found = branches[i].find(head, info);
                if (found != null) {
                    return found;
                }
            }
        }
        return otherwise.find(head, info);
    }
}
