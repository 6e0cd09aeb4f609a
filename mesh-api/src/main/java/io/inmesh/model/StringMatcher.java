package io.inmesh.model;

import com.google.re2j.Pattern;
import org.jspecify.annotations.Nullable;

/** A condition on a text: {@code envoy.type.matcher.v3.StringMatcher}. */
public sealed interface StringMatcher {

    /** Whether the part of the text from {@code from} up to {@code to} fulfils it; looked at in place. */
    boolean matches(String text, int from, int to);

    /** Whether the whole text fulfils it. */
    default boolean matches(String text) {
        return matches(text, 0, text.length());
    }

    /** The whole text. */
    record Exact(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            // Compares many characters at once, which a region's comparison does not.
            return value.equals(text) || (ignoreCase && matches(text, 0, text.length()));
        }

        @Override
        public boolean matches(String text, int from, int to) {
            return to - from == value.length() && TextRegion.startsWith(text, from, to, value, ignoreCase);
        }
    }

    /** Its start. */
    record Prefix(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text, int from, int to) {
            return TextRegion.startsWith(text, from, to, value, ignoreCase);
        }
    }

    /** Its end. */
    record Suffix(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text, int from, int to) {
            int start = to - value.length();
            return start >= from && TextRegion.startsWith(text, start, to, value, ignoreCase);
        }
    }

    /** Some part of it. */
    record Contains(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text, int from, int to) {
            for (int start = from; start <= to - value.length(); start++) {
                if (TextRegion.startsWith(text, start, to, value, ignoreCase)) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * An RE2 expression; those that only say what a text starts with, ends with, has in it or is need no automaton, and those are most.
     *
     * @param pattern for the whole text
     */
    static StringMatcher regex(Pattern pattern) {
        StringMatcher plain = PlainRegex.of(pattern.pattern());
        return plain == null ? new Regex(pattern) : plain;
    }

    /** The whole text by an RE2 expression that is a literal with {@code .*} before, behind or on both sides. The dot takes no line break. */
    record PlainRegex(boolean before, String literal, boolean behind) implements StringMatcher {
        private static final String ANYTHING = ".*";
        private static final String SYNTAX = "\\.+*?()|[]{}^$\n";

        /** Null for any other expression. */
        static @Nullable PlainRegex of(String expression) {
            boolean before = expression.startsWith(ANYTHING);
            int start = before ? ANYTHING.length() : 0;
            boolean behind = expression.length() >= start + ANYTHING.length() && expression.endsWith(ANYTHING);
            String literal = expression.substring(start, expression.length() - (behind ? ANYTHING.length() : 0));
            for (int i = 0; i < literal.length(); i++) {
                if (SYNTAX.indexOf(literal.charAt(i)) >= 0) {
                    return null;
                }
            }
            return new PlainRegex(before, literal, behind);
        }

        @Override
        public boolean matches(String text, int from, int to) {
            if (!holdsLiteral(text, from, to - literal.length())) {
                return false;
            }
            int lineBreak = text.indexOf('\n', from);
            return lineBreak < 0 || lineBreak >= to;
        }

        /** @param last where the literal can begin at the latest */
        private boolean holdsLiteral(String text, int from, int last) {
            if (last < from) {
                return false;
            }
            if (before && behind) {
                // From the start of a text, the JVM has instructions for it.
                int at = from == 0 ? text.indexOf(literal) : text.indexOf(literal, from);
                return at >= 0 && at <= last;
            }
            return (before || behind || last == from) && text.startsWith(literal, before ? last : from);
        }
    }

    /** The whole text by an RE2 expression. */
    record Regex(Pattern pattern) implements StringMatcher {
        @Override
        public boolean matches(String text, int from, int to) {
            return pattern.matches(text.substring(from, to));
        }
    }
}
