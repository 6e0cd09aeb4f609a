package io.inmesh.routing;

import io.inmesh.model.ValueMatcher.JsonNull;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Metadata as header formats show them: a string as it is, anything else as JSON. */
final class MetadataText {
    private MetadataText() {}

    /** What {@code filter:key:key} leads to, or null. */
    static @Nullable String find(Map<String, Map<String, Object>> metadata, String path) {
        Object found = metadata;
        for (String key : path.split(":", -1)) {
            if (!(found instanceof Map<?, ?> map)) {
                return null;
            }
            found = map.get(key);
        }
        if (found == null || found == JsonNull.NULL) {
            return null;
        }
        return found instanceof String text ? text : json(found);
    }

    static String json(Object value) {
        StringBuilder text = new StringBuilder();
        append(value, text);
        return text.toString();
    }

    private static void append(Object value, StringBuilder text) {
        if (value instanceof String string) {
            appendString(string, text);
        } else if (value instanceof Double number) {
            appendNumber(number, text);
        } else if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                text.append(separator);
                appendString(String.valueOf(entry.getKey()), text);
                append(entry.getValue(), text.append(':'));
                separator = ",";
            }
            text.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            String separator = "[";
            for (Object element : list) {
                append(element, text.append(separator));
                separator = ",";
            }
            text.append(list.isEmpty() ? "[]" : "]");
        } else {
            text.append(value == JsonNull.NULL ? "null" : value.toString());
        }
    }

    private static void appendNumber(double number, StringBuilder text) {
        if (number == Math.rint(number) && Math.abs(number) < 1e15) {
            text.append((long) number);
        } else {
            text.append(number);
        }
    }

    private static void appendString(String string, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ') {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
