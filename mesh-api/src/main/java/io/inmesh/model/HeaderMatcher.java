package io.inmesh.model;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a header: {@code envoy.config.route.v3.HeaderMatcher}. Of a repeated header it is enough that one value fulfils it: Envoy's
 * documentation still tells of values joined by commas, but Envoy 1.40 looks at each
 * ({@code envoy.reloadable_features.match_headers_individually}). Only {@link SingleFields} are joined.
 *
 * @param name                in lower case; a pseudo-header such as {@code :method} too
 * @param test                the condition
 * @param invert              whether the condition must not hold
 * @param treatMissingAsEmpty whether a missing header counts as one with an empty value; otherwise no condition on a value holds, inverted
 *                            or not
 */
public record HeaderMatcher(String name, Test test, boolean invert, boolean treatMissingAsEmpty) {

    /** A header with exactly this value. */
    public static HeaderMatcher exact(String name, String value) {
        return new HeaderMatcher(name, new Text(new StringMatcher.Exact(value, false)), false, false);
    }

    /** What is asked of a header. */
    public sealed interface Test {}

    /** That it is there, or, if false, that it is not. */
    public record Present(boolean present) implements Test {}

    /** That it is a whole number from {@code start} on and below {@code end}. */
    public record Range(long start, long end) implements Test {
        /** Whether a text is such a number. */
        public boolean holds(String text) {
            String digits = text.strip();
            if (digits.isEmpty()) {
                return false;
            }
            try {
                long number = Long.parseLong(digits);
                return number >= start && number < end;
            } catch (NumberFormatException notANumber) {
                return false;
            }
        }
    }

    /** That its value fulfils a condition. */
    public record Text(StringMatcher matcher) implements Test {}

    /** Whether a request fulfils it. */
    public boolean matches(RequestHead head) {
        return isPseudoHeader() ? matchesValue(pseudoHeader(head)) : matches(head.headers());
    }

    /** Whether a response fulfils it. */
    public boolean matches(ResponseHead head) {
        return name.equals(":status") ? matchesValue(Integer.toString(head.status())) : matches(head.headers());
    }

    private boolean matches(Headers headers) {
        int first = headers.indexOf(name, 0);
        if (first < 0) {
            return matchesValue(null);
        }
        int next = headers.indexOf(name, first + 1);
        if (next < 0 || test instanceof Present) {
            return matchesValue(headers.value(first));
        }
        if (SingleFields.contains(name)) {
            return matchesValue(String.join(",", headers.all(name)));
        }
        boolean any = holds(headers.value(first));
        for (; next >= 0 && !any; next = headers.indexOf(name, next + 1)) {
            any = holds(headers.value(next));
        }
        return any != invert;
    }

    private boolean isPseudoHeader() {
        // Envoy keeps "host" and ":authority" as one field.
        return name.charAt(0) == ':' || name.equals("host");
    }

    private @Nullable String pseudoHeader(RequestHead head) {
        return switch (name) {
            case ":method" -> head.method();
            case ":scheme" -> head.scheme();
            case ":authority", "host" -> head.authority();
            case ":path" -> head.path();
            default -> null;
        };
    }

    /** Whether a single value fulfils it; null for a head, or a connection, that does not have such a header at all. */
    public boolean matchesValue(@Nullable String value) {
        if (test instanceof Present wanted) {
            // Envoy takes "missing as empty" for being there.
            return (value != null || treatMissingAsEmpty) == wanted.present() != invert;
        }
        if (value == null) {
            return treatMissingAsEmpty && holds("") != invert;
        }
        return holds(value) != invert;
    }

    private boolean holds(String value) {
        return test instanceof Range range
                ? range.holds(value)
                : ((Text) test).matcher().matches(value);
    }
}
