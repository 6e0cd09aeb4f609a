package io.inmesh.xds.decode;

import com.github.xds.core.v3.TypedExtensionConfig;
import com.github.xds.type.matcher.v3.Matcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate;
import com.google.protobuf.Any;
import io.inmesh.model.MatchInput;
import io.inmesh.model.MatchPredicate;
import io.inmesh.model.MatchTree;
import io.inmesh.model.MatchTree.OnMatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code xds.type.matcher.v3.Matcher}, the unified matcher, whose fields were checked.
 *
 * @param <A> the action
 */
final class MatchTreeDecoder<A> {
    private final ActionDecoder<A> actions;
    private final Notes notes;

    MatchTreeDecoder(ActionDecoder<A> actions, Notes notes) {
        this.actions = actions;
        this.notes = notes;
    }

    MatchTree<A> tree(Matcher matcher, String path) {
        OnMatch<A> otherwise = matcher.hasOnNoMatch() ? onMatch(matcher.getOnNoMatch(), path + ".on_no_match") : null;
        return switch (matcher.getMatcherTypeCase()) {
            case MATCHER_LIST ->
                new MatchTree.Rules<>(
                        Values.each(
                                matcher.getMatcherList().getMatchersList(),
                                path + ".matcher_list",
                                "matchers",
                                this::rule),
                        otherwise);
            case MATCHER_TREE -> branches(matcher.getMatcherTree(), otherwise, path + ".matcher_tree");
            case MATCHERTYPE_NOT_SET -> new MatchTree.Rules<>(List.of(), otherwise);
        };
    }

    private MatchTree.Rule<A> rule(Matcher.MatcherList.FieldMatcher matcher, String path) {
        return new MatchTree.Rule<>(
                predicate(matcher.getPredicate(), path + ".predicate"),
                onMatch(matcher.getOnMatch(), path + ".on_match"));
    }

    private MatchTree<A> branches(Matcher.MatcherTree tree, @Nullable OnMatch<A> otherwise, String path) {
        return switch (tree.getTreeTypeCase()) {
            case EXACT_MATCH_MAP ->
                branches(tree, false, tree.getExactMatchMap(), otherwise, path + ".exact_match_map");
            case PREFIX_MATCH_MAP ->
                branches(tree, true, tree.getPrefixMatchMap(), otherwise, path + ".prefix_match_map");
            case CUSTOM_MATCH, TREETYPE_NOT_SET ->
                throw new BadResourceException(path, "is a kind of tree that this data plane does not have");
        };
    }

    private MatchTree<A> branches(
            Matcher.MatcherTree tree,
            boolean byPrefix,
            Matcher.MatcherTree.MatchMap map,
            @Nullable OnMatch<A> otherwise,
            String path) {
        MatchInput input = input(tree.getInput(), path + ".input");
        if (input instanceof MatchInput.DynamicMetadata) {
            throw new BadResourceException(path + ".input", "is not a text");
        }
        if (map.getMapCount() == 0) {
            throw new BadResourceException(path + ".map", "must have at least 1 entry");
        }
        Map<String, OnMatch<A>> branches = new LinkedHashMap<>();
        map.getMapMap().forEach((key, branch) -> {
            String at = Paths.entry(path, "map", key);
            FieldAudit.check(branch, at, notes);
            branches.put(key, onMatch(branch, at));
        });
        return new MatchTree.Branches<>(input, byPrefix, Map.copyOf(branches), otherwise);
    }

    private OnMatch<A> onMatch(Matcher.OnMatch onMatch, String path) {
        return switch (onMatch.getOnMatchCase()) {
            case MATCHER -> new OnMatch<>(null, tree(onMatch.getMatcher(), path + ".matcher"));
            case ACTION ->
                new OnMatch<>(
                        actions.decode(onMatch.getAction().getTypedConfig(), path + ".action.typed_config", notes),
                        null);
            case ONMATCH_NOT_SET -> throw new BadResourceException(path, "one of matcher, action must be set");
        };
    }

    private MatchPredicate predicate(Predicate predicate, String path) {
        return switch (predicate.getMatchTypeCase()) {
            case SINGLE_PREDICATE -> single(predicate.getSinglePredicate(), path + ".single_predicate");
            case OR_MATCHER ->
                new MatchPredicate.AnyOf(Values.each(
                        predicate.getOrMatcher().getPredicateList(),
                        path + ".or_matcher",
                        "predicate",
                        this::predicate));
            case AND_MATCHER ->
                new MatchPredicate.AllOf(Values.each(
                        predicate.getAndMatcher().getPredicateList(),
                        path + ".and_matcher",
                        "predicate",
                        this::predicate));
            case NOT_MATCHER -> new MatchPredicate.Not(predicate(predicate.getNotMatcher(), path + ".not_matcher"));
            case MATCHTYPE_NOT_SET ->
                throw new BadResourceException(path, "is a kind of predicate that is not known here");
        };
    }

    private MatchPredicate single(Predicate.SinglePredicate single, String path) {
        MatchInput input = input(single.getInput(), path + ".input");
        MatchPredicate.Test test =
                switch (single.getMatcherCase()) {
                    case VALUE_MATCH ->
                        new MatchPredicate.Text(MatcherDecoder.string(single.getValueMatch(), path + ".value_match"));
                    case CUSTOM_MATCH -> MatchInputDecoder.test(single.getCustomMatch(), path + ".custom_match", notes);
                    case MATCHER_NOT_SET ->
                        throw new BadResourceException(path, "is a kind of test that is not known here");
                };
        // As in Envoy: a tree of metadata is for its own test, and all others are for texts.
        if (input instanceof MatchInput.DynamicMetadata != test instanceof MatchPredicate.Value) {
            throw new BadResourceException(path, "has a test that is not for its input");
        }
        return new MatchPredicate.Single(input, test);
    }

    private MatchInput input(TypedExtensionConfig input, String path) {
        return MatchInputDecoder.input(input.getTypedConfig(), path + ".typed_config", notes);
    }

    /** Decodes an action. */
    interface ActionDecoder<A> {
        A decode(Any action, String path, Notes notes);
    }
}
