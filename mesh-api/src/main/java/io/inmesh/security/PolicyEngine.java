package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.AccessRules.Action;
import io.inmesh.model.AccessRules.Policies;
import io.inmesh.model.AccessRules.Policy;
import io.inmesh.model.TextRegion;
import org.jspecify.annotations.Nullable;

/** {@code rules}: the first policy that matches counts. Of permission and principal the cheaper one is asked first. */
final class PolicyEngine extends AccessEngine {
    private final Condition[] first;
    private final Condition[] second;
    private final AccessVerdict[] verdicts;
    private final AccessVerdict unmatched;

    PolicyEngine(Policies rules) {
        int count = rules.policies().size();
        first = new Condition[count];
        second = new Condition[count];
        verdicts = new AccessVerdict[count];
        boolean logs = rules.action() == Action.LOG;
        for (int i = 0; i < count; i++) {
            Policy policy = rules.policies().get(i);
            Condition permission = ConditionCompiler.anyOf(policy.permissions());
            Condition principal = ConditionCompiler.anyOf(policy.principals());
            boolean whoComesFirst = principal.cost() <= permission.cost();
            first[i] = whoComesFirst ? principal : permission;
            second[i] = whoComesFirst ? permission : principal;
            verdicts[i] = new AccessVerdict(rules.action() != Action.DENY, policy.name(), logs ? true : null);
        }
        unmatched = new AccessVerdict(rules.action() != Action.ALLOW, "", logs ? false : null);
    }

    @Override
    public AccessVerdict decide(@Nullable RequestHead head, StreamInfo info) {
        int pathEnd = head == null ? 0 : TextRegion.pathEnd(head.path());
        for (int i = 0; i < verdicts.length; i++) {
            if (first[i].holds(head, pathEnd, info) && second[i].holds(head, pathEnd, info)) {
                return verdicts[i];
            }
        }
        return unmatched;
    }
}
