package io.inmesh.model;

import io.inmesh.exchange.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which requests a route takes: {@code envoy.config.route.v3.RouteMatch}. All conditions must hold.
 *
 * @param path            the condition on the path
 * @param headers         conditions on header fields and pseudo-headers
 * @param queryParameters conditions on the query
 * @param cookies         conditions on cookies
 * @param runtimeFraction the share of requests that is taken, or null for all
 * @param grpcOnly        {@code grpc}: only requests with a gRPC content type
 * @param dynamicMetadata conditions on what filters have left behind
 * @param filterState     conditions on objects that filters have left behind
 */
public record RouteMatch(
        PathMatcher path,
        List<HeaderMatcher> headers,
        List<QueryParameterMatcher> queryParameters,
        List<CookieMatcher> cookies,
        @Nullable Fraction runtimeFraction,
        boolean grpcOnly,
        List<MetadataMatcher> dynamicMetadata,
        List<FilterStateMatcher> filterState) {

    /** A match by path alone. */
    public static RouteMatch of(PathMatcher path) {
        return new RouteMatch(path, List.of(), List.of(), List.of(), null, false, List.of(), List.of());
    }

    /** Requests whose path starts with {@code prefix}, case-sensitively. */
    public static RouteMatch prefix(String prefix) {
        return of(new PathMatcher.Prefix(prefix, true));
    }

    /**
     * {@code FractionalPercent}: a request is taken if a random number below {@code denominator} is below {@code numerator}.
     *
     * @param numerator   0 and above
     * @param denominator 100, 10,000 or 1,000,000
     */
    public record Fraction(long numerator, int denominator) {}

    /**
     * {@code QueryParameterMatcher}.
     *
     * @param name  the parameter's name, case-sensitive
     * @param value the condition on its value, or null if being there is enough
     * @param present with {@code value} null: whether it must be there or must not
     */
    public record QueryParameterMatcher(
            String name, @Nullable StringMatcher value, boolean present) {}

    /**
     * {@code CookieMatcher}. Of a repeated cookie the first one counts.
     *
     * @param name                the cookie's name
     * @param test                the condition
     * @param invert              whether the condition must not hold; a missing cookie fulfils no condition on a value
     * @param treatMissingAsEmpty whether a missing cookie counts as one with an empty value
     */
    public record CookieMatcher(String name, HeaderMatcher.Test test, boolean invert, boolean treatMissingAsEmpty) {}

    /**
     * {@code FilterStateMatcher}. An object that is not there fulfils no condition.
     *
     * @param key  the object's key
     * @param test the condition on the object
     */
    public record FilterStateMatcher(String key, ObjectTest test) {

        /** A condition on the object's text. */
        public FilterStateMatcher(String key, StringMatcher value) {
            this(key, new ObjectTest.Text(value));
        }

        /** Whether an object, or none, fulfils it. */
        public boolean matches(@Nullable Object object) {
            return object != null && test.matches(object);
        }
    }

    /** A condition on an object of the filter state. */
    public sealed interface ObjectTest {
        /** Whether an object fulfils it. */
        boolean matches(Object object);

        /** {@code string_match}: on its textual form. */
        record Text(StringMatcher value) implements ObjectTest {
            @Override
            public boolean matches(Object object) {
                return value.matches(object.toString());
            }
        }

        /** {@code address_match}: on an IP address, which must be in one of the ranges; no other object fulfils it. */
        record Address(List<CidrRange> ranges) implements ObjectTest {
            @Override
            public boolean matches(Object object) {
                return object instanceof IpAddress address
                        && ranges.stream().anyMatch(range -> range.contains(address));
            }
        }
    }
}
