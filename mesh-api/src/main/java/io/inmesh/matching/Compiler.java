package io.inmesh.matching;

import io.inmesh.model.CidrRange;
import io.inmesh.model.MatchInput;
import io.inmesh.model.MatchPredicate;
import io.inmesh.model.MatchTree;
import io.inmesh.model.MatchTree.OnMatch;
import io.inmesh.model.MetadataMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * From a tree as configured to nodes. Inputs that are the same are one object.
 *
 * @param <C> the action as configured
 * @param <A> what is found instead of it
 */
final class Compiler<C, A> {
    private final Map<MatchInput, Input> inputs = new HashMap<>();
    private final Function<? super C, ? extends A> actions;

    Compiler(Function<? super C, ? extends A> actions) {
        this.actions = actions;
    }

    Node<A> node(MatchTree<C> tree) {
        Node<A> otherwise = onMatch(tree.otherwise());
        if (tree instanceof MatchTree.Rules<C> list) {
            List<Node<A>> branches = new ArrayList<>();
            list.rules().forEach(rule -> branches.add(onMatch(rule.onMatch())));
            return new Rules<>(
                    list.rules().stream()
                            .map(rule -> predicate(rule.predicate()))
                            .toArray(Predicate[]::new),
                    array(branches),
                    otherwise);
        }
        MatchTree.Branches<C> map = (MatchTree.Branches<C>) tree;
        if (!map.byPrefix()) {
            Map<String, Node<A>> branches = new HashMap<>();
            map.branches().forEach((value, branch) -> branches.put(value, onMatch(branch)));
            return new Branches<>(input(map.input()), branches, otherwise);
        }
        String[] prefixes = map.branches().keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toArray(String[]::new);
        List<Node<A>> branches = new ArrayList<>();
        for (String prefix : prefixes) {
            branches.add(onMatch(map.branches().get(prefix)));
        }
        return new PrefixBranches<>(input(map.input()), prefixes, array(branches), otherwise);
    }

    private Node<A> onMatch(@Nullable OnMatch<C> onMatch) {
        if (onMatch == null) {
            return new Node.Nothing<>();
        }
        if (onMatch.tree() != null) {
            return node(onMatch.tree());
        }
        C action = onMatch.action();
        return action == null ? new Node.Nothing<>() : new Node.Leaf<>(actions.apply(action));
    }

    private Predicate predicate(MatchPredicate predicate) {
        if (predicate instanceof MatchPredicate.AnyOf any) {
            return new Predicate.AnyOf(predicates(any.predicates()));
        }
        if (predicate instanceof MatchPredicate.AllOf all) {
            return new Predicate.AllOf(predicates(all.predicates()));
        }
        if (predicate instanceof MatchPredicate.Not not) {
            return new Predicate.Not(predicate(not.predicate()));
        }
        return single((MatchPredicate.Single) predicate);
    }

    private Predicate[] predicates(List<MatchPredicate> predicates) {
        return predicates.stream().map(this::predicate).toArray(Predicate[]::new);
    }

    private Predicate single(MatchPredicate.Single single) {
        if (single.test() instanceof MatchPredicate.Text text) {
            return new Tests.Text(input(single.input()), text.matcher());
        }
        if (single.test() instanceof MatchPredicate.Ip ip) {
            return new Tests.Ip(input(single.input()), ip.ranges().toArray(CidrRange[]::new));
        }
        MatchPredicate.Value value = (MatchPredicate.Value) single.test();
        if (!(single.input() instanceof MatchInput.DynamicMetadata metadata)) {
            throw new IllegalArgumentException("not metadata: " + single.input());
        }
        return new Tests.Metadata(
                new MetadataMatcher(metadata.filter(), metadata.path(), value.matcher(), value.invert()));
    }

    private Input input(MatchInput input) {
        return inputs.computeIfAbsent(input, Inputs::of);
    }

    @SuppressWarnings("unchecked") // an array of nodes
    private static <A> Node<A>[] array(List<Node<A>> nodes) {
        return (Node<A>[]) nodes.toArray(new Node<?>[0]);
    }
}
