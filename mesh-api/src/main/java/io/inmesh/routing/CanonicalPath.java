package io.inmesh.routing;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code PathUtil::canonicalPath}: dot segments are resolved, backslashes become slashes, what needs no escape loses it and what needs one gets it. Everything
 * else stays as it is, the case of escapes too. Envoy takes the path parameters off a dot segment first ({@code /a/..;x/b}); found out by asking it.
 */
final class CanonicalPath {
    private static final String NEEDS_ESCAPE = "\"<>^`{|}";

    private final String path;
    private final int end;
    private final StringBuilder out;

    private CanonicalPath(String path, int end) {
        this.path = path;
        this.end = end;
        this.out = new StringBuilder(path.length());
    }

    /** The path with its query, or null if it must not be used: it has a NUL. */
    static @Nullable String of(String path) {
        String given = withoutParametersOfDots(path);
        int query = given.indexOf('?');
        return new CanonicalPath(given, query < 0 ? given.length() : query).build();
    }

    private static String withoutParametersOfDots(String path) {
        int semicolon = path.indexOf(';');
        if (semicolon < 0) {
            return path;
        }
        int query = path.indexOf('?');
        String[] segments = path.substring(0, query < 0 ? path.length() : query).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            if (segments[i].startsWith(".;") || segments[i].startsWith("..;")) {
                segments[i] = segments[i].substring(0, segments[i].indexOf(';'));
            }
        }
        return String.join("/", segments) + (query < 0 ? "" : path.substring(query));
    }

    private @Nullable String build() {
        int i = 0;
        while (i < end) {
            int dot = dot(i);
            if (dot > 0) {
                i = afterDot(i, dot);
            } else if (path.charAt(i) == '%' && i + 2 < end && hex(i + 1) >= 0 && hex(i + 2) >= 0) {
                int value = 16 * hex(i + 1) + hex(i + 2);
                if (value == 0) {
                    return null;
                }
                if (isUnreserved(value)) {
                    out.append((char) value);
                } else {
                    out.append(path, i, i + 3);
                }
                i += 3;
            } else {
                int next = Character.charCount(path.codePointAt(i));
                character(path.substring(i, i + next));
                i += next;
            }
        }
        return out.append(path, end, path.length()).toString();
    }

    private void character(String character) {
        char first = character.charAt(0);
        if (first == '\\') {
            out.append('/');
        } else if (first > ' ' && first < 0x7f && NEEDS_ESCAPE.indexOf(first) < 0) {
            out.append(first);
        } else {
            for (byte each : character.getBytes(StandardCharsets.UTF_8)) {
                out.append(String.format(Locale.ROOT, "%%%02X", each));
            }
        }
    }

    /** Where to go on behind a dot, which means something only at the beginning of a segment. */
    private int afterDot(int at, int length) {
        int next = at + length;
        if (out.isEmpty() || out.charAt(out.length() - 1) != '/') {
            out.append('.');
            return next;
        }
        if (endsSegment(next)) {
            return Math.min(end, next + 1);
        }
        int second = dot(next);
        if (second > 0 && endsSegment(next + second)) {
            int parent = out.length() < 2 ? -1 : out.lastIndexOf("/", out.length() - 2);
            out.setLength(Math.max(1, parent + 1));
            return Math.min(end, next + second + 1);
        }
        out.append('.');
        return next;
    }

    private boolean endsSegment(int at) {
        return at == end || path.charAt(at) == '/' || path.charAt(at) == '\\';
    }

    /** How long the dot is that stands there, as itself or escaped; 0 if there is none. */
    private int dot(int at) {
        if (at < end && path.charAt(at) == '.') {
            return 1;
        }
        return at + 2 < end && path.regionMatches(true, at, "%2e", 0, 3) ? 3 : 0;
    }

    private int hex(int at) {
        char digit = path.charAt(at);
        return digit < 0x7f ? Character.digit(digit, 16) : -1;
    }

    /** RFC 3986, section 2.3. */
    private static boolean isUnreserved(int value) {
        return (value >= 'a' && value <= 'z')
                || (value >= 'A' && value <= 'Z')
                || (value >= '0' && value <= '9')
                || value == '-'
                || value == '.'
                || value == '_'
                || value == '~';
    }
}
