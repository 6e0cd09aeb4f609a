package io.inmesh.xds.decode;

import com.github.xds.type.matcher.v3.Matcher;
import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.rbac.v3.Action;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.inmesh.model.AccessRules;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The two forms of rules of the RBAC filters. */
final class AccessRulesDecoder {
    private static final Action ACTION = Action.getDefaultInstance();

    private final String path;
    private final Notes notes;

    /**
     * A decoder for one filter.
     *
     * @param path of the filter
     */
    AccessRulesDecoder(String path, Notes notes) {
        this.path = path;
        this.notes = notes;
    }

    /** Either form; where both are given, the matcher counts, as in Envoy. Null if there is neither. */
    @Nullable
    AccessRules decode(@Nullable Matcher matcher, String matcherField, @Nullable RBAC rules, String rulesField) {
        if (matcher != null) {
            return tree(matcher, matcherField);
        }
        return rules == null ? null : policies(rules, rulesField);
    }

    private AccessRules policies(RBAC rules, String field) {
        String at = Paths.child(path, field);
        Notes strict = new Notes();
        FieldAudit.check(rules, at, strict);
        rules.getPoliciesMap()
                .forEach((name, policy) -> FieldAudit.check(policy, Paths.entry(at, "policies", name), strict));
        return usable(strict, () -> {
            List<AccessRules.Policy> policies = new ArrayList<>();
            rules.getPoliciesMap()
                    .forEach((name, policy) ->
                            policies.add(policy(name, policy, Paths.entry(at, "policies", name), strict)));
            return new AccessRules.Policies(action(rules.getAction(), at), List.copyOf(policies));
        });
    }

    private static AccessRules.Policy policy(String name, Policy policy, String at, Notes strict) {
        if (policy.hasCondition() || policy.hasCheckedCondition()) {
            throw new BadResourceException(at + ".condition", "CEL cannot be evaluated here");
        }
        AccessConditionDecoder decoder = new AccessConditionDecoder(strict);
        return new AccessRules.Policy(
                name,
                Values.each(policy.getPermissionsList(), at, "permissions", decoder::permission),
                Values.each(policy.getPrincipalsList(), at, "principals", decoder::principal));
    }

    private AccessRules tree(Matcher matcher, String field) {
        String at = Paths.child(path, field);
        Notes strict = new Notes();
        FieldAudit.check(matcher, at, strict);
        return usable(
                strict,
                () -> new AccessRules.Tree(
                        new MatchTreeDecoder<>(AccessRulesDecoder::namedAction, strict).tree(matcher, at)));
    }

    private static AccessRules.NamedAction namedAction(Any any, String path, Notes notes) {
        if (!Values.is(any, ACTION)) {
            throw new BadResourceException(path, "is not an action of RBAC: " + any.getTypeUrl());
        }
        Action action = Values.unpack(any, ACTION, path, notes);
        return new AccessRules.NamedAction(action.getName(), action(action.getAction(), path));
    }

    private static AccessRules.Action action(RBAC.Action action, String path) {
        return switch (action) {
            case ALLOW -> AccessRules.Action.ALLOW;
            case DENY -> AccessRules.Action.DENY;
            case LOG -> AccessRules.Action.LOG;
            case UNRECOGNIZED -> throw new BadResourceException(path + ".action", "is not known here");
        };
    }

    /** What the decoder makes of rules, unless it, or what was noted before or by it, says that they are not understood as a whole. */
    private AccessRules usable(Notes strict, Supplier<AccessRules> decoder) {
        try {
            AccessRules rules = decoder.get();
            return strict.unsupported().isEmpty() ? rules : unusable(strict.unsupported(), notes);
        } catch (BadResourceException e) {
            return unusable(List.of(e.text()), notes);
        }
    }

    /** Rules with parts that are not understood. */
    static AccessRules unusable(List<String> parts, Notes notes) {
        parts.forEach(part -> notes.unsupported(part, "the filter lets nobody through"));
        return new AccessRules.Unusable(String.join(", ", parts));
    }
}
