package io.inmesh.matching;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import org.jspecify.annotations.Nullable;

/** A predicate of a rule. It has three answers, as in Envoy: what is asked for may be missing. */
abstract class Predicate {
    static final int NO = 0;
    static final int YES = 1;
    static final int UNKNOWN = 2;

    abstract int test(@Nullable RequestHead head, StreamInfo info);

    /** {@code AnyFieldMatcher}: a match counts, whatever is unknown beside it. */
    static final class AnyOf extends Predicate {
        private final Predicate[] predicates;

        AnyOf(Predicate[] predicates) {
            this.predicates = predicates;
        }

        @Override
        int test(@Nullable RequestHead head, StreamInfo info) {
            int result = NO;
            for (Predicate each : predicates) {
                int matched = each.test(head, info);
                if (matched == YES) {
                    return YES;
                }
                result |= matched;
            }
            return result;
        }
    }

    /** {@code AllFieldMatcher}: the first that does not match, or is unknown, decides. */
    static final class AllOf extends Predicate {
        private final Predicate[] predicates;

        AllOf(Predicate[] predicates) {
            this.predicates = predicates;
        }

        @Override
        int test(@Nullable RequestHead head, StreamInfo info) {
            for (Predicate each : predicates) {
                int matched = each.test(head, info);
                if (matched != YES) {
                    return matched;
                }
            }
            return YES;
        }
    }

    /** {@code NotFieldMatcher}: what is unknown stays so. */
    static final class Not extends Predicate {
        private final Predicate predicate;

        Not(Predicate predicate) {
            this.predicate = predicate;
        }

        @Override
        int test(@Nullable RequestHead head, StreamInfo info) {
            int matched = predicate.test(head, info);
            return matched == UNKNOWN ? UNKNOWN : YES - matched;
        }
    }
}
