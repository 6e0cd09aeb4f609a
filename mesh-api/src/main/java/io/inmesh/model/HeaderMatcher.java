package io.inmesh.model;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a header: {@code envoy.config.route.v3.HeaderMatcher}. The values of a repeated header are joined by commas first.
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
        return test(isPseudoHeader() ? pseudoHeader(head) : joined(head.headers(), name));
    }

    /** Whether a response fulfils it. */
    public boolean matches(ResponseHead head) {
        return test(name.equals(":status") ? Integer.toString(head.status()) : joined(head.headers(), name));
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

    private boolean test(@Nullable String value) {
        if (test instanceof Present wanted) {
            return (value != null) == wanted.present() != invert;
        }
        if (value == null && !treatMissingAsEmpty) {
            return false;
        }
        String text = value == null ? "" : value;
        boolean holds = test instanceof Range range
                ? range.holds(text)
                : ((Text) test).matcher().matches(text);
        return holds != invert;
    }

    private static @Nullable String joined(Headers headers, String name) {
        int first = headers.indexOf(name, 0);
        if (first < 0) {
            return null;
        }
        int next = headers.indexOf(name, first + 1);
        if (next < 0) {
            return headers.value(first);
        }
        StringBuilder all = new StringBuilder(headers.value(first));
        for (; next >= 0; next = headers.indexOf(name, next + 1)) {
            all.append(',').append(headers.value(next));
        }
        return all.toString();
    }
}
