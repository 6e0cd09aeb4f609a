package io.inmesh.http.server;

import org.jspecify.annotations.Nullable;

/**
 * Whether a container serves a path under the same name that policies were asked about. A container decodes a path once, takes path parameters out of it, resolves dot
 * segments and joins slashes before it looks for a servlet; rules compare the text. Where these two would differ, a rule about {@code /admin} could be passed by as
 * {@code /%61dmin} or {@code /admin;x}, so such a path is not served. A control plane that has paths normalised ({@code normalize_path}, {@code merge_slashes},
 * {@code path_with_escaped_slashes_action}) has them so before this question is asked.
 *
 * <p>What stays encoded because a URI cannot carry it otherwise (a space, {@code %C3%A9}) is no ambiguity. Nor are encoded reserved characters such as {@code %40}, which
 * clients encode or not as they like: RFC 3986, section 2.2, has them distinct, and rules must name them as they come.
 */
final class ServedPath {
    private ServedPath() {}

    /**
     * What makes a path ambiguous, in words for logs; null if nothing.
     *
     * @param target path and query
     */
    static @Nullable String ambiguity(String target) {
        int end = target.indexOf('?');
        int length = end < 0 ? target.length() : end;
        if (length == 1 && target.charAt(0) == '*') {
            return null;
        }
        if (length == 0 || target.charAt(0) != '/') {
            return "does not start with a slash";
        }
        for (int i = 0; i < length; i++) {
            char at = target.charAt(i);
            String problem = at == '%' ? encoded(target, i, length) : plain(target, i, length);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private static @Nullable String plain(String target, int at, int length) {
        char character = target.charAt(at);
        if (character <= ' ' || character > '~' || character == '\\' || character == '#') {
            return "has a character that no path has";
        }
        if (character == ';') {
            return "has path parameters";
        }
        if (character != '/') {
            return null;
        }
        int next = at + 1;
        if (next < length && target.charAt(next) == '/') {
            return "has an empty segment";
        }
        return dots(target, next, length) ? "has a dot segment" : null;
    }

    private static boolean dots(String target, int from, int length) {
        int at = from;
        while (at < length && target.charAt(at) == '.') {
            at++;
        }
        int dots = at - from;
        return (dots == 1 || dots == 2) && (at == length || target.charAt(at) == '/');
    }

    private static @Nullable String encoded(String target, int at, int length) {
        int value = at + 2 < length
                ? (Character.digit(target.charAt(at + 1), 16) << 4) | Character.digit(target.charAt(at + 2), 16)
                : -1;
        if (value < 0) {
            return "has a broken percent-encoding";
        }
        if (value < ' ' || value == 0x7f) {
            return "has an encoded control character";
        }
        if (value == '/' || value == '\\' || value == ';') {
            return "has an encoded separator";
        }
        boolean unreserved = (value < 0x7f && Character.isLetterOrDigit(value))
                || value == '-'
                || value == '.'
                || value == '_'
                || value == '~';
        return unreserved ? "has an encoded character that needs no encoding" : null;
    }
}
