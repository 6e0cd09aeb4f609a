package io.inmesh.matching;

import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.CidrRange;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.StringMatcher;
import org.jspecify.annotations.Nullable;

/** Predicates on one input. An input without a value fulfils none of them. */
final class Tests {
    private Tests() {}

    /** {@code value_match}. */
    static final class Text extends Predicate {
        private final Input input;
        private final StringMatcher matcher;

        Text(Input input, StringMatcher matcher) {
            this.input = input;
            this.matcher = matcher;
        }

        @Override
        int test(@Nullable RequestHead head, StreamInfo info) {
            if (!input.isKnown(head, info)) {
                return UNKNOWN;
            }
            String value = input.text(head, info);
            return value != null && matcher.matches(value) ? YES : NO;
        }
    }

    /** {@code envoy.matching.matchers.ip}. */
    static final class Ip extends Predicate {
        private final Input input;
        private final CidrRange[] ranges;

        Ip(Input input, CidrRange[] ranges) {
            this.input = input;
            this.ranges = ranges;
        }

        @Override
        int test(@Nullable RequestHead head, StreamInfo info) {
            if (!input.isKnown(head, info)) {
                return UNKNOWN;
            }
            IpAddress address = input.address(head, info);
            if (address != null) {
                for (CidrRange range : ranges) {
                    if (range.contains(address)) {
                        return YES;
                    }
                }
            }
            return NO;
        }
    }

    /** {@code envoy.matching.matchers.metadata_matcher} on dynamic metadata. */
    static final class Metadata extends Predicate {
        private final MetadataMatcher matcher;

        Metadata(MetadataMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        int test(@Nullable RequestHead head, StreamInfo info) {
            return matcher.matches(info.dynamicMetadata(matcher.filter())) ? YES : NO;
        }
    }
}
