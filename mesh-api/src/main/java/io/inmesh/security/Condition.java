package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/** One permission or principal, ready to be asked. */
abstract class Condition {

    /**
     * Whether it holds; allocates nothing.
     *
     * @param head    null for a connection
     * @param pathEnd where the path in {@link RequestHead#path} ends
     */
    abstract boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info);

    /** {@code any}. */
    static final class Any extends Condition {
        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return true;
        }
    }

    /** {@code and_rules}, {@code and_ids}. */
    static final class AllOf extends Condition {
        private final Condition[] conditions;

        AllOf(Condition[] conditions) {
            this.conditions = conditions;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            for (Condition each : conditions) {
                if (!each.holds(head, pathEnd, info)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** {@code or_rules}, {@code or_ids}. */
    static final class AnyOf extends Condition {
        private final Condition[] conditions;

        AnyOf(Condition[] conditions) {
            this.conditions = conditions;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            for (Condition each : conditions) {
                if (each.holds(head, pathEnd, info)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** {@code not_rule}, {@code not_id}. */
    static final class Not extends Condition {
        private final Condition condition;

        Not(Condition condition) {
            this.condition = condition;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return !condition.holds(head, pathEnd, info);
        }
    }
}
