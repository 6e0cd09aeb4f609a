package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.AccessRules;
import org.jspecify.annotations.Nullable;

/**
 * {@link AccessRules}, ready to be asked: Envoy's {@code RoleBasedAccessControlEngine}. Thread-safe. A decision allocates nothing, regular expressions that need
 * an automaton and values that have to be joined first aside.
 */
public abstract sealed class AccessEngine permits PolicyEngine, TreeEngine, AccessEngine.Refusing {
    AccessEngine() {}

    /** An engine for rules. */
    public static AccessEngine compile(AccessRules rules) {
        if (rules instanceof AccessRules.Policies policies) {
            return new PolicyEngine(policies);
        }
        return rules instanceof AccessRules.Tree tree ? new TreeEngine(tree.tree()) : new Refusing();
    }

    /**
     * Decides on a request or a connection.
     *
     * @param head null for a connection
     * @param info what is known beside the head; not changed
     */
    public abstract AccessVerdict decide(@Nullable RequestHead head, StreamInfo info);

    /** For rules that cannot be evaluated. */
    static final class Refusing extends AccessEngine {
        private static final AccessVerdict DENIED = new AccessVerdict(false, "", null);

        @Override
        public AccessVerdict decide(@Nullable RequestHead head, StreamInfo info) {
            return DENIED;
        }
    }
}
