package io.inmesh.xds.istio;

import java.util.HashMap;
import java.util.Map;

/** Variables in a file that a shell would read: {@code cluster.env}, with which a virtual machine is set up. */
final class EnvironmentFile {
    private EnvironmentFile() {}

    /** One {@code NAME=VALUE} a line, the value bare or in quotes; nothing is expanded. */
    static Map<String, String> parse(String text) {
        Map<String, String> variables = new HashMap<>();
        for (String line : text.lines().toList()) {
            String bare = line.strip();
            if (bare.startsWith("export ")) {
                bare = bare.substring("export ".length()).strip();
            }
            int equals = bare.indexOf('=');
            if (equals > 0 && !bare.startsWith("#")) {
                variables.put(bare.substring(0, equals), unquoted(bare.substring(equals + 1)));
            }
        }
        return variables;
    }

    private static String unquoted(String value) {
        int last = value.length() - 1;
        if (last < 1 || value.charAt(0) != value.charAt(last)) {
            return value;
        }
        return switch (value.charAt(0)) {
            case '\'' -> value.substring(1, last);
            case '"' -> value.substring(1, last).replaceAll("\\\\([\"\\\\$`])", "$1");
            default -> value;
        };
    }
}
