package io.inmesh.security;

import org.jspecify.annotations.Nullable;

/** Parameters of a path's query, percent-decoded as Envoy does it for tokens. */
final class QueryTokens {
    private QueryTokens() {}

    /** The decoded value of the first parameter of that name, empty if it has none, or null if there is no such parameter. */
    static @Nullable String first(String path, String name) {
        for (int start = path.indexOf('?') + 1; start > 0 && start <= path.length(); start = end(path, start) + 1) {
            int end = end(path, start);
            if (isNamed(path, start, end, name)) {
                int equals = equals(path, start, end);
                return equals == end ? "" : decoded(path.substring(equals + 1, end));
            }
        }
        return null;
    }

    /** The path without all parameters of that name. The others stay as they were written, where Envoy decodes and sorts them. */
    static String without(String path, String name) {
        int query = path.indexOf('?');
        if (query < 0) {
            return path;
        }
        StringBuilder kept = new StringBuilder(path.length());
        for (int start = query + 1; start <= path.length(); start = end(path, start) + 1) {
            int end = end(path, start);
            if (!isNamed(path, start, end, name)) {
                kept.append(kept.isEmpty() ? '?' : '&').append(path, start, end);
            }
        }
        return path.substring(0, query) + (kept.length() == 1 ? "" : kept);
    }

    private static boolean isNamed(String path, int start, int end, String name) {
        return decoded(path.substring(start, equals(path, start, end))).equals(name);
    }

    private static int equals(String path, int start, int end) {
        int equals = path.indexOf('=', start);
        return equals < 0 || equals > end ? end : equals;
    }

    private static int end(String path, int start) {
        int end = path.indexOf('&', start);
        return end < 0 ? path.length() : end;
    }

    /** A percent sign without two hexadecimal digits stays. */
    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%' && i + 2 < text.length() && isHex(text.charAt(i + 1)) && isHex(text.charAt(i + 2))) {
                decoded.append((char) Integer.parseInt(text, i + 1, i + 3, 16));
                i += 2;
            } else {
                decoded.append(c);
            }
        }
        return decoded.toString();
    }

    private static boolean isHex(char c) {
        return "0123456789abcdefABCDEF".indexOf(c) >= 0;
    }
}
