package io.inmesh.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Who may do what: one engine of Envoy's RBAC filter, in one of its two forms. */
public sealed interface AccessRules {

    /** What follows from a match. */
    enum Action {
        /** It is let through; what no policy of {@code rules} matches is not. */
        ALLOW,
        /** It is not let through; what no policy of {@code rules} matches is. */
        DENY,
        /** It is let through, and access logs are told whether it matched. */
        LOG
    }

    /**
     * {@code envoy.config.rbac.v3.RBAC}.
     *
     * @param action   of all policies
     * @param policies the first one that matches counts; kept in the order of their names' bytes, which is that of Envoy's {@code std::map}
     */
    record Policies(Action action, List<Policy> policies) implements AccessRules {
        /** Puts them in order. */
        public Policies {
            policies = policies.stream()
                    .sorted((one, other) -> Arrays.compareUnsigned(bytes(one), bytes(other)))
                    .toList();
        }

        private static byte[] bytes(Policy policy) {
            return policy.name().getBytes(StandardCharsets.UTF_8);
        }
    }

    /**
     * {@code envoy.config.rbac.v3.Policy}: it matches if one of its permissions and one of its principals do.
     *
     * @param name        for logs and metadata
     * @param permissions what is done
     * @param principals  by whom
     */
    record Policy(String name, List<AccessCondition> permissions, List<AccessCondition> principals) {}

    /** {@code matcher}: what the tree finds decides, and what it finds nothing for is not let through. */
    record Tree(MatchTree<NamedAction> tree) implements AccessRules {}

    /** {@code envoy.config.rbac.v3.Action}, the action of such a tree. */
    record NamedAction(String name, Action action) {}

    /**
     * Something in it cannot be evaluated here, so it lets nothing through.
     *
     * @param reason which field, and why
     */
    record Unusable(String reason) implements AccessRules {}
}
