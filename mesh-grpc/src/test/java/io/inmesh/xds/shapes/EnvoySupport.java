package io.inmesh.xds.shapes;

import io.inmesh.xds.shapes.SupportRow.EnvoyField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code docs/support.md} says of Envoy's fields; another test holds it to the code. */
final class EnvoySupport {
    private static final Pattern FIELD = Pattern.compile("`(\\w+)`");

    private final Map<EnvoyField, Set<String>> words = new HashMap<>();

    static EnvoySupport read(Path document) throws IOException {
        EnvoySupport support = new EnvoySupport();
        String message = "";
        for (String line : Files.readAllLines(document)) {
            if (line.startsWith("## ")) {
                message = line.substring(line.lastIndexOf('.') + 1);
            } else if (line.startsWith("- ") && line.contains(": `")) {
                String word = line.substring(2, line.indexOf(':'));
                Matcher matcher = FIELD.matcher(line);
                while (matcher.find()) {
                    support.words
                            .computeIfAbsent(new EnvoyField(message, matcher.group(1)), field -> new HashSet<>())
                            .add(word);
                }
            }
        }
        return support;
    }

    /** Of {@code supported}, {@code no effect}, {@code refused} and {@code shown}: one, or several if packages have messages of the same name; none if unknown. */
    Set<String> words(EnvoyField field) {
        return words.getOrDefault(field, Set.of());
    }
}
