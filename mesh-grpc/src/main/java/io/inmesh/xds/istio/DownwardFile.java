package io.inmesh.xds.istio;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Labels or annotations in a file of the downward API: one {@code KEY="VALUE"} a line, the value quoted as Go does ({@code strconv.Quote}). */
final class DownwardFile {
    private DownwardFile() {}

    /**
     * Reads all lines.
     *
     * @throws IllegalStateException if a value is not quoted as it must be; the message names the key
     */
    static Map<String, String> parse(String file, String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                String key = line.substring(0, equals);
                String value = unquoted(line.substring(equals + 1).stripTrailing());
                if (value == null) {
                    throw new IllegalStateException(file + ": the value of " + key + " is not quoted");
                }
                values.put(key, value);
            }
        }
        return values;
    }

    private static @Nullable String unquoted(String quoted) {
        int last = quoted.length() - 1;
        if (last < 1 || quoted.charAt(0) != '"' || quoted.charAt(last) != '"') {
            return null;
        }
        StringBuilder text = new StringBuilder(quoted.length());
        for (int i = 1; i < last; i++) {
            char c = quoted.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escape = quoted.charAt(++i);
            int digits =
                    switch (escape) {
                        case 'x' -> 2;
                        case 'u' -> 4;
                        case 'U' -> 8;
                        default -> 0;
                    };
            if (digits > 0 && i + digits < last + 1) {
                text.appendCodePoint(Integer.parseInt(quoted, i + 1, i + 1 + digits, 16));
                i += digits;
            } else {
                text.append(
                        switch (escape) {
                            case 'n' -> '\n';
                            case 't' -> '\t';
                            case 'r' -> '\r';
                            case 'a' -> '\u0007';
                            case 'b' -> '\b';
                            case 'f' -> '\f';
                            case 'v' -> '\u000b';
                            default -> escape;
                        });
            }
        }
        return text.toString();
    }
}
