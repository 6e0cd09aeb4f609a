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
}
