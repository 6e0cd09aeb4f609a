package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.RouteMatch.CookieMatcher;

/** The cookies of a request, read in place. */
final class Cookies {
    private Cookies() {}

    static boolean matches(Headers headers, CookieMatcher cookie) {
        for (int i = headers.indexOf("cookie", 0); i >= 0; i = headers.indexOf("cookie", i + 1)) {
            String line = headers.value(i);
            int start = find(line, cookie.name());
            if (start >= 0) {
                return holds(line, start, end(line, start), cookie) != cookie.invert();
            }
        }
        return holdsWithout(cookie) != cookie.invert();
    }

    private static boolean holdsWithout(CookieMatcher cookie) {
        if (cookie.test() instanceof HeaderMatcher.Present wanted) {
            return !wanted.present();
        }
        return cookie.treatMissingAsEmpty() && holds("", 0, 0, cookie);
    }

    private static boolean holds(String line, int start, int end, CookieMatcher cookie) {
        if (cookie.test() instanceof HeaderMatcher.Present wanted) {
            return wanted.present();
        }
        boolean quoted = end - start >= 2 && line.charAt(start) == '"' && line.charAt(end - 1) == '"';
        int from = quoted ? start + 1 : start;
        int to = quoted ? end - 1 : end;
        return cookie.test() instanceof HeaderMatcher.Range range
                ? range.holds(line.substring(from, to))
                : ((HeaderMatcher.Text) cookie.test()).matcher().matches(line, from, to);
    }

    /** Where the value of a cookie begins, or -1. */
    private static int find(String line, String name) {
        int position = 0;
        while (position < line.length()) {
            while (position < line.length() && line.charAt(position) == ' ') {
                position++;
            }
            int equals = position + name.length();
            if (line.startsWith(name, position) && equals < line.length() && line.charAt(equals) == '=') {
                return equals + 1;
            }
            position = end(line, position) + 1;
        }
        return -1;
    }

    private static int end(String line, int start) {
        int semicolon = line.indexOf(';', start);
        return semicolon < 0 ? line.length() : semicolon;
    }
}
