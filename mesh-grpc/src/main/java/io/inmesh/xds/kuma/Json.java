package io.inmesh.xds.kuma;

import java.util.List;
import java.util.Map;

/** Writes JSON (RFC 8259) of maps, lists, texts, numbers and truth values, in the order in which maps have them. */
final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    static String of(Map<String, ?> object) {
        Json json = new Json();
        json.value(object);
        return json.text.toString();
    }

    private void value(Object value) {
        if (value instanceof Map<?, ?> map) {
            object(map);
        } else if (value instanceof List<?> list) {
            list(list);
        } else if (value instanceof Number || value instanceof Boolean) {
            text.append(value);
        } else {
            string(value.toString());
        }
    }

    private void object(Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> each : map.entrySet()) {
            text.append(separator);
            string(String.valueOf(each.getKey()));
            text.append(':');
            value(each.getValue());
            separator = ",";
        }
        text.append(map.isEmpty() ? "{}" : "}");
    }

    private void list(List<?> list) {
        String separator = "[";
        for (Object each : list) {
            text.append(separator);
            value(each);
            separator = ",";
        }
        text.append(list.isEmpty() ? "[]" : "]");
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
