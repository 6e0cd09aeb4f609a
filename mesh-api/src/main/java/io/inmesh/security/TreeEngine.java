package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.matching.Matcher;
import io.inmesh.model.AccessRules.Action;
import io.inmesh.model.AccessRules.NamedAction;
import io.inmesh.model.MatchTree;
import io.inmesh.model.MatchTree.OnMatch;
import org.jspecify.annotations.Nullable;

/** {@code matcher}: what no rule of the tree is for, or may be for, is not let through. */
final class TreeEngine extends AccessEngine {
    private static final AccessVerdict UNMATCHED = new AccessVerdict(false, "", null);

    private final Matcher<AccessVerdict> matcher;

    TreeEngine(MatchTree<NamedAction> tree) {
        // As soon as one action is LOG, each decision says whether it is the one.
        boolean hints = logs(tree);
        matcher = Matcher.compile(
                tree,
                action -> new AccessVerdict(
                        action.action() != Action.DENY,
                        action.name(),
                        hints ? (Boolean) (action.action() == Action.LOG) : null));
    }

    @Override
    public AccessVerdict decide(@Nullable RequestHead head, StreamInfo info) {
        AccessVerdict verdict = matcher.find(head, info);
        return verdict == null ? UNMATCHED : verdict;
    }

    private static boolean logs(MatchTree<NamedAction> tree) {
        boolean found = logs(tree.otherwise());
        if (tree instanceof MatchTree.Rules<NamedAction> list) {
            return found || list.rules().stream().anyMatch(rule -> logs(rule.onMatch()));
        }
        return found
                || ((MatchTree.Branches<NamedAction>) tree)
                        .branches().values().stream().anyMatch(TreeEngine::logs);
    }

    private static boolean logs(@Nullable OnMatch<NamedAction> onMatch) {
        if (onMatch == null) {
            return false;
        }
        NamedAction action = onMatch.action();
        return action == null ? onMatch.tree() != null && logs(onMatch.tree()) : action.action() == Action.LOG;
    }
}
