package io.inmesh.model;

import com.google.re2j.Pattern;

/** A condition on a text: {@code envoy.type.matcher.v3.StringMatcher}. */
public sealed interface StringMatcher {

    /** Whether the text fulfils it. */
    boolean matches(String text);

    /** The whole text. */
    record Exact(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return ignoreCase ? AsciiCase.equal(text, value) : text.equals(value);
        }
    }

    /** Its start. */
    record Prefix(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return ignoreCase ? AsciiCase.startsWith(text, 0, value) : text.startsWith(value);
        }
    }

    /** Its end. */
    record Suffix(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return ignoreCase
                    ? AsciiCase.startsWith(text, text.length() - value.length(), value)
                    : text.endsWith(value);
        }
    }

    /** Some part of it. */
    record Contains(String value, boolean ignoreCase) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return ignoreCase ? AsciiCase.contains(text, value) : text.contains(value);
        }
    }

    /** The whole text by an RE2 expression. */
    record Regex(Pattern pattern) implements StringMatcher {
        @Override
        public boolean matches(String text) {
            return pattern.matches(text);
        }
    }
}
