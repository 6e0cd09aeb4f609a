package io.inmesh.matching;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/** One tree, or what stands where a tree could. */
abstract class Node<A> {

    abstract @Nullable Outcome<A> find(@Nullable RequestHead head, StreamInfo info);

    /** No match, always. */
    static final class Nothing<A> extends Node<A> {
        @Override
        @Nullable
        Outcome<A> find(@Nullable RequestHead head, StreamInfo info) {
            return null;
        }
    }

    /** An action. */
    static final class Leaf<A> extends Node<A> {
        private final Outcome<A> outcome;

        Leaf(A action) {
            outcome = new Outcome<>(action);
        }

        @Override
        Outcome<A> find(@Nullable RequestHead head, StreamInfo info) {
            return outcome;
        }
    }

    /** {@code keep_matching} before a tree: an action that it finds does not count. Before an action it is {@link Nothing}. */
    static final class Kept<A> extends Node<A> {
        private final Node<A> tree;

        Kept(Node<A> tree) {
            this.tree = tree;
        }

        @Override
        @Nullable
        Outcome<A> find(@Nullable RequestHead head, StreamInfo info) {
            Outcome<A> found = tree.find(head, info);
            return found == null || found.action() != null ? null : found;
        }
    }
}
