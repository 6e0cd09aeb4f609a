package io.inmesh.model;

/**
 * What an HTTP connection manager does to path and authority before it looks for a route.
 *
 * @param normalizePath   {@code normalize_path}: dot segments, backslashes and needless escapes
 * @param mergeSlashes    {@code merge_slashes}
 * @param escapedSlashes  {@code path_with_escaped_slashes_action}
 * @param stripPort       {@code strip_matching_host_port} and {@code strip_any_host_port}
 * @param stripTrailingDot {@code strip_trailing_host_dot}
 */
public record UrlRules(
        boolean normalizePath,
        boolean mergeSlashes,
        EscapedSlashes escapedSlashes,
        PortStrip stripPort,
        boolean stripTrailingDot) {

    /** Nothing is changed: Envoy's default. */
    public static final UrlRules NONE = new UrlRules(false, false, EscapedSlashes.KEEP, PortStrip.NONE, false);

    /** {@code PathWithEscapedSlashesAction}: what becomes of {@code %2F} and {@code %5C}. */
    public enum EscapedSlashes {
        /** Nothing. */
        KEEP,
        /** 400. */
        REJECT,
        /** 307 to the path with slashes. */
        REDIRECT,
        /** They are slashes. */
        FORWARD
    }

    /** Which port of an authority is taken away. */
    public enum PortStrip {
        /** None. */
        NONE,
        /** The listener's own. */
        MATCHING,
        /** Any. */
        ANY
    }
}
