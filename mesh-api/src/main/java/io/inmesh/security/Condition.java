package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.StringMatcher;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** One permission or principal, ready to be asked. */
abstract class Condition {
    static final int AUTOMATON = 100;

    /** To look a header up. */
    static final int LOOK_UP = 4;

    /**
     * Whether it holds; allocates nothing.
     *
     * @param head    null for a connection
     * @param pathEnd where the path in {@link RequestHead#path} ends
     */
    abstract boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info);

    /** What it costs to ask, as a multiple of a short comparison. Conditions have no effects, so the cheap ones are asked first. */
    int cost() {
        return 1;
    }

    /** The cost of a condition on a text. */
    static int cost(StringMatcher matcher) {
        return matcher instanceof StringMatcher.Regex ? AUTOMATON : 1;
    }

    private static Condition[] byCost(Condition[] conditions) {
        Arrays.sort(conditions, Comparator.comparingInt(Condition::cost));
        return conditions;
    }

    private static int sum(Condition[] conditions) {
        return Arrays.stream(conditions).mapToInt(Condition::cost).sum();
    }

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
            this.conditions = byCost(conditions);
        }

        @Override
        int cost() {
            return sum(conditions);
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
            this.conditions = byCost(conditions);
        }

        @Override
        int cost() {
            return sum(conditions);
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
        int cost() {
            return condition.cost();
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return !condition.holds(head, pathEnd, info);
        }
    }
}
