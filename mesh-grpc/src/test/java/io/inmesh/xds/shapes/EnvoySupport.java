package io.inmesh.xds.shapes;

import io.inmesh.xds.shapes.SupportRow.EnvoyField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code docs/support.md} says of Envoy's fields; another test holds it to the code. */
final class EnvoySupport {
    private static final Pattern FIELD = Pattern.compile("`(\\w+)`");

    private final Map<EnvoyField, String> words = new HashMap<>();

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
                    // Messages of one name in two packages are twins; what one of them can the other can, too.
                    support.words.merge(
                            new EnvoyField(message, matcher.group(1)),
                            word,
                            (old, other) -> old.equals("supported") ? old : other);
                }
            }
        }
        return support;
    }

    /** {@code supported}, {@code no effect}, {@code refused}, {@code shown}, or {@code unknown} if the document does not have it. */
    String word(EnvoyField field) {
        return words.getOrDefault(field, "unknown");
    }
}
