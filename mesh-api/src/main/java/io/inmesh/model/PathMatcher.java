package io.inmesh.model;

import com.google.re2j.Pattern;

/** The condition on a path, which never includes the query. */
public sealed interface PathMatcher {

    /** The whole path. */
    record Exact(String path, boolean caseSensitive) implements PathMatcher {}

    /** The start of the path. */
    record Prefix(String prefix, boolean caseSensitive) implements PathMatcher {}

    /** {@code path_separated_prefix}: the start of the path, up to its end or a slash. The prefix does not end with a slash. */
    record SeparatedPrefix(String prefix, boolean caseSensitive) implements PathMatcher {}

    /** The whole path by an RE2 expression. */
    record Regex(Pattern pattern) implements PathMatcher {}

    /** {@code envoy.path.match.uri_template.uri_template_matcher}: the whole path by a URI template. */
    record Template(UriTemplate template) implements PathMatcher {}

    /** {@code connect_matcher}: CONNECT requests, whatever their path. */
    record Connect() implements PathMatcher {}
}
