package io.inmesh.routing;

import io.inmesh.model.RouteMatch.QueryParameterMatcher;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.TextRegion;
import org.jspecify.annotations.Nullable;

/** The query of a path, read in place. As in Envoy's matching nothing is decoded, and of a repeated parameter the first one counts. */
final class QueryString {
    private QueryString() {}

    /** The path without its query, and without what stands from a semicolon to the end of its segment: what real Envoy matches then. */
    static String withoutParameters(String path) {
        int end = TextRegion.pathEnd(path);
        StringBuilder text = new StringBuilder(end);
        boolean inParameters = false;
        for (int i = 0; i < end; i++) {
            char c = path.charAt(i);
            inParameters = c == ';' || (inParameters && c != '/');
            if (!inParameters) {
                text.append(c);
            }
        }
        return text.toString();
    }

    static boolean matches(String path, QueryParameterMatcher parameter) {
        int start = find(path, parameter.name());
        StringMatcher value = parameter.value();
        if (value == null) {
            return (start >= 0) == parameter.present();
        }
        if (start < 0) {
            return false;
        }
        return value.matches(path, valueStart(path, start, parameter.name()), parameterEnd(path, start));
    }

    /** The value of the first parameter of that name, an empty string if it has none, or null if there is no such parameter. */
    static @Nullable String get(String path, String name) {
        int start = find(path, name);
        return start < 0 ? null : path.substring(valueStart(path, start, name), parameterEnd(path, start));
    }

    private static int find(String path, String name) {
        int query = path.indexOf('?');
        if (query < 0) {
            return -1;
        }
        for (int start = query + 1; start < path.length(); start = parameterEnd(path, start) + 1) {
            int nameEnd = start + name.length();
            if (path.startsWith(name, start)
                    && (nameEnd == path.length() || path.charAt(nameEnd) == '=' || path.charAt(nameEnd) == '&')) {
                return start;
            }
        }
        return -1;
    }

    private static int valueStart(String path, int start, String name) {
        return Math.min(start + name.length() + 1, parameterEnd(path, start));
    }

    private static int parameterEnd(String path, int start) {
        int end = path.indexOf('&', start);
        return end < 0 ? path.length() : end;
    }
}
