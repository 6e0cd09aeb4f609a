package io.inmesh.security;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.RouteMatch.FilterStateMatcher;
import io.inmesh.model.RouteMatch.ObjectTest;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.UriTemplate;
import org.jspecify.annotations.Nullable;

/** Conditions on a request's head and on what is known of its stream. */
final class RequestConditions {
    private RequestConditions() {}

    /** A connection has no header, so that a condition on absence holds. */
    static final class Header extends Condition {
        private final HeaderMatcher matcher;

        Header(HeaderMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        int cost() {
            return matcher.test() instanceof HeaderMatcher.Text text ? LOOK_UP + cost(text.matcher()) : LOOK_UP;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return head == null ? matcher.matchesValue(null) : matcher.matches(head);
        }
    }

    /** {@code PathMatcher}: query and fragment do not belong to the path. */
    static final class UrlPath extends Condition {
        private final StringMatcher matcher;

        UrlPath(StringMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        int cost() {
            return cost(matcher);
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return head != null && matcher.matches(head.path(), 0, pathEnd);
        }
    }

    /** {@code UriTemplateMatcher}. */
    static final class UrlTemplate extends Condition {
        private final UriTemplate template;

        UrlTemplate(UriTemplate template) {
            this.template = template;
        }

        @Override
        int cost() {
            return AUTOMATON;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return head != null && template.pattern().matches(head.path().substring(0, pathEnd));
        }
    }

    /** Metadata that filters before this one left. */
    static final class DynamicMetadata extends Condition {
        private final MetadataMatcher matcher;

        DynamicMetadata(MetadataMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        int cost() {
            return LOOK_UP;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return matcher.matches(info.dynamicMetadata(matcher.filter()));
        }
    }

    /** Metadata of the route. */
    static final class RouteMetadata extends Condition {
        private final MetadataMatcher matcher;

        RouteMetadata(MetadataMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        int cost() {
            return LOOK_UP;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return info.routeName() != null
                    && matcher.matches(info.routeMetadata().get(matcher.filter()));
        }
    }

    /** Filter state that filters before this one left. */
    static final class FilterState extends Condition {
        private final FilterStateMatcher matcher;

        FilterState(FilterStateMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        int cost() {
            return matcher.test() instanceof ObjectTest.Text text ? LOOK_UP + cost(text.value()) : LOOK_UP;
        }

        @Override
        boolean holds(@Nullable RequestHead head, int pathEnd, StreamInfo info) {
            return matcher.matches(info.filterState(matcher.key()));
        }
    }
}
