package io.inmesh.model;

/** Comparison of a part of a text in place. Without regard to case, only ASCII letters are folded, as Envoy does. */
public final class TextRegion {
    private TextRegion() {}

    /** Whether the text between {@code from} and {@code to} starts with {@code part}. */
    public static boolean startsWith(String text, int from, int to, String part, boolean ignoreCase) {
        if (to - from < part.length()) {
            return false;
        }
        // The plain comparison works on many characters at once, and texts are mostly in lower case already.
        if (text.startsWith(part, from)) {
            return true;
        }
        return ignoreCase && startsWithIgnoringCase(text, from, part);
    }

    private static boolean startsWithIgnoringCase(String text, int from, String part) {
        for (int i = 0; i < part.length(); i++) {
            if (lower(text.charAt(from + i)) != lower(part.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Where the path of a request's {@code :path} ends: at its query, at its fragment, or at its last character. */
    public static int pathEnd(String path) {
        int query = path.indexOf('?');
        int fragment = path.indexOf('#');
        int end = query < 0 || (fragment >= 0 && fragment < query) ? fragment : query;
        return end < 0 ? path.length() : end;
    }

    /** The lower-case form of an ASCII letter; any other character as it is. */
    public static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }
}
