package io.inmesh.model;

/** Comparison without regard to the case of ASCII letters, in place. Envoy leaves all other characters as they are. */
final class AsciiCase {
    private AsciiCase() {}

    static boolean equal(String a, String b) {
        return a.length() == b.length() && startsWith(a, 0, b);
    }

    /** Whether {@code part} stands in {@code text} at {@code offset}, which may lie outside. */
    static boolean startsWith(String text, int offset, String part) {
        if (offset < 0 || text.length() - offset < part.length()) {
            return false;
        }
        for (int i = 0; i < part.length(); i++) {
            if (lower(text.charAt(offset + i)) != lower(part.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static boolean contains(String text, String part) {
        for (int offset = 0; offset <= text.length() - part.length(); offset++) {
            if (startsWith(text, offset, part)) {
                return true;
            }
        }
        return false;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }
}
