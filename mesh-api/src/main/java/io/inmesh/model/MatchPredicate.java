package io.inmesh.model;

import java.util.List;

/** {@code xds.type.matcher.v3.Matcher.MatcherList.Predicate}. */
public sealed interface MatchPredicate {

    /** {@code single_predicate}: a test of one input. */
    record Single(MatchInput input, Test test) implements MatchPredicate {}

    /** {@code or_matcher}. */
    record AnyOf(List<MatchPredicate> predicates) implements MatchPredicate {}

    /** {@code and_matcher}. */
    record AllOf(List<MatchPredicate> predicates) implements MatchPredicate {}

    /** {@code not_matcher}. */
    record Not(MatchPredicate predicate) implements MatchPredicate {}

    /** What is asked of an input. */
    sealed interface Test {}

    /** {@code value_match}. */
    record Text(StringMatcher matcher) implements Test {}

    /** {@code envoy.matching.matchers.ip}: an address in one of the ranges. */
    record Ip(List<CidrRange> ranges) implements Test {}

    /** {@code envoy.matching.matchers.metadata_matcher}, for {@link MatchInput.DynamicMetadata} only. */
    record Value(ValueMatcher matcher, boolean invert) implements Test {}
}
