package io.inmesh.matching;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code ExactMapMatcher}: the branch of the value. */
final class Branches<A> extends Node<A> {
    private final Input input;
    private final Map<String, Node<A>> branches;
    private final Node<A> otherwise;

    Branches(Input input, Map<String, Node<A>> branches, Node<A> otherwise) {
        this.input = input;
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
        Node<A> branch = value == null ? null : branches.get(value);
        Outcome<A> found = branch == null ? null : branch.find(head, info);
        return found == null ? otherwise.find(head, info) : found;
    }
}
