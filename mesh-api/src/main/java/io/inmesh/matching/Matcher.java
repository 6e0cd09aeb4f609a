package io.inmesh.matching;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.MatchTree;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MatchTree}, ready to be asked. Thread-safe; a question allocates nothing unless an input has to be put together first: several values of one header,
 * several names of one certificate, or a number or address that is compared as a text.
 *
 * @param <A> the action
 */
public final class Matcher<A> {
    private final Node<A> root;

    private Matcher(Node<A> root) {
        this.root = root;
    }

    /**
     * A matcher for a tree.
     *
     * @param actions what to find instead of an action as it was configured; called for each of them now
     */
    public static <C, A> Matcher<A> compile(MatchTree<C> tree, Function<? super C, ? extends A> actions) {
        return new Matcher<>(new Compiler<C, A>(actions).node(tree));
    }

    /**
     * The action that a request or a connection leads to.
     *
     * @param head null for a connection
     * @param info what is known beside the head
     * @return null if nothing matches, and also, as in Envoy, if what is asked for is a fact of TLS and there is no TLS: then nobody can say which rule matches
     */
    public @Nullable A find(@Nullable RequestHead head, StreamInfo info) {
        Outcome<A> outcome = root.find(head, info);
        return outcome == null ? null : outcome.action();
    }
}
