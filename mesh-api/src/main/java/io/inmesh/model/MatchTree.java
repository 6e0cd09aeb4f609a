package io.inmesh.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code xds.type.matcher.v3.Matcher}, the unified matcher: from facts to an action.
 *
 * @param <A> the action
 */
public sealed interface MatchTree<A> {

    /** {@code on_no_match}. */
    @Nullable
    OnMatch<A> otherwise();

    /** {@code matcher_list}: the first rule counts that matches and leads to an action. Without rules, {@code otherwise} counts. */
    record Rules<A>(List<Rule<A>> rules, @Nullable OnMatch<A> otherwise) implements MatchTree<A> {}

    /** {@code FieldMatcher}. */
    record Rule<A>(MatchPredicate predicate, OnMatch<A> onMatch) {}

    /**
     * {@code matcher_tree}: a branch by the value of an input.
     *
     * @param input    the input; one that is a text
     * @param byPrefix whether keys are prefixes, of which the longest counts that leads to an action
     * @param branches by value or prefix
     */
    record Branches<A>(
            MatchInput input,
            boolean byPrefix,
            Map<String, OnMatch<A>> branches,
            @Nullable OnMatch<A> otherwise) implements MatchTree<A> {}

    /**
     * Where a match leads to: an action, or another tree.
     *
     * @param action null if there is a tree
     * @param tree   null if there is an action
     */
    record OnMatch<A>(@Nullable A action, @Nullable MatchTree<A> tree) {
        /** Checks that there is one of both. */
        public OnMatch {
            if ((action == null) == (tree == null)) {
                throw new IllegalArgumentException("either an action or a tree");
            }
        }
    }
}
