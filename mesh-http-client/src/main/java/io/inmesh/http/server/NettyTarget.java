package io.inmesh.http.server;

import org.jspecify.annotations.Nullable;

/**
 * A request target in absolute form (RFC 9112 section 3.2.2). Its authority takes the place of {@code Host}; without what stands before an {@code @}, which is nobody's
 * host.
 *
 * @param authority host, and port if there is one
 * @param path      path and query as they stand there, a slash if there are none
 */
record NettyTarget(String authority, String path) {

    /** The parts of a target; null if it is not one of HTTP in absolute form. */
    static @Nullable NettyTarget parse(String target) {
        int start = target.regionMatches(true, 0, "http://", 0, 7)
                ? 7
                : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        if (start < 0) {
            return null;
        }
        int end = start;
        while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        int at = target.lastIndexOf('@', end - 1);
        String authority = target.substring(at < start ? start : at + 1, end);
        if (authority.isEmpty() || !NettyHttp1Rules.isAuthority(authority)) {
            return null;
        }
        return new NettyTarget(authority, end == target.length() ? "/" : target.substring(end));
    }
}
