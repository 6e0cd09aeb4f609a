package io.inmesh.model;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

/**
 * {@code envoy.type.matcher.v3.RegexMatchAndSubstitute}: replaces each match.
 *
 * @param pattern      RE2
 * @param substitution in RE2's syntax: {@code \\1} to {@code \\9} are groups, {@code \\0} the whole match, a double backslash is one backslash
 */
public record RegexRewrite(Pattern pattern, String substitution) {

    /** The text with each match replaced, as {@code RE2::GlobalReplace} does it: no empty match directly behind another one. */
    public String apply(String text) {
        Matcher matcher = pattern.matcher(text);
        StringBuilder result = new StringBuilder(text.length() + substitution.length());
        int copied = 0;
        boolean any = false;
        while (matcher.find()) {
            if (any && matcher.start() == matcher.end() && matcher.start() == copied) {
                continue;
            }
            result.append(text, copied, matcher.start());
            substitute(matcher, result);
            copied = matcher.end();
            any = true;
        }
        return any ? result.append(text, copied, text.length()).toString() : text;
    }

    private void substitute(Matcher matcher, StringBuilder result) {
        for (int i = 0; i < substitution.length(); i++) {
            char c = substitution.charAt(i);
            if (c != '\\' || i + 1 == substitution.length()) {
                result.append(c);
                continue;
            }
            char next = substitution.charAt(++i);
            if (next >= '0' && next <= '9') {
                int group = next - '0';
                String value = group <= matcher.groupCount() ? matcher.group(group) : null;
                result.append(value == null ? "" : value);
            } else {
                result.append(next);
            }
        }
    }
}
