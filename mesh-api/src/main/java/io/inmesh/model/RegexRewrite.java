package io.inmesh.model;

import com.google.re2j.Pattern;

/**
 * {@code envoy.type.matcher.v3.RegexMatchAndSubstitute}: replaces each match.
 *
 * @param pattern      RE2
 * @param substitution in RE2's syntax: {@code \1} to {@code \9} are groups, {@code \0} the whole match, a double backslash is one backslash
 */
public record RegexRewrite(Pattern pattern, String substitution) {}
