package io.inmesh.http;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's wish for Basic credentials (RFC 7617).
 *
 * @param scheme as the server wrote it
 * @param realm  what the credentials are for, or null
 * @param utf8   whether the server wants user and password in UTF-8
 */
record BasicChallenge(String scheme, @Nullable String realm, boolean utf8) {
    private static final Pattern SCHEME = Pattern.compile("^\\s*([^\\s,=]+)(?:\\s|$)");
    private static final Pattern PARAMETER =
            Pattern.compile("([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

    /** The first challenge whose scheme is Basic, or null. */
    static @Nullable BasicChallenge among(List<String> values) {
        for (String value : values) {
            Matcher scheme = SCHEME.matcher(value);
            if (scheme.find() && scheme.group(1).equalsIgnoreCase("Basic")) {
                String text = value.substring(scheme.end());
                String charset = parameter(text, "charset");
                return new BasicChallenge(scheme.group(1), parameter(text, "realm"), "UTF-8".equalsIgnoreCase(charset));
            }
        }
        return null;
    }

    private static @Nullable String parameter(String text, String name) {
        Matcher parameters = PARAMETER.matcher(text);
        while (parameters.find()) {
            if (parameters.group(1).equalsIgnoreCase(name)) {
                String quoted = parameters.group(2);
                return quoted == null ? parameters.group(3) : quoted.replaceAll("\\\\(.)", "$1");
            }
        }
        return null;
    }
}
