package io.inmesh.model;

import com.google.re2j.Pattern;

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

    /** The whole text by an RE2 expression. */
    record Regex(Pattern pattern) implements StringMatcher {
        @Override
        public boolean matches(String text, int from, int to) {
            return pattern.matches(text.substring(from, to));
        }
    }
}
