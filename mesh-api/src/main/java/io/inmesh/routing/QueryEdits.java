package io.inmesh.routing;

import io.inmesh.exchange.RequestHead;
import io.inmesh.model.HeaderEdit.AppendAction;
import io.inmesh.model.HeaderMutationFilter.QueryEdit;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Changes the query of a path by the rules of the header mutation filter. As in Envoy, parameters are then in the order of their names, those without
 * a value get an equals sign, and new values are percent-encoded.
 *
 * <p>Envoy 1.40 decodes the parameters that were there and does not encode them again, so that {@code %20} leaves it as a space and
 * {@code %26} as a separator. Here they keep the encoding in which they came.
 */
public final class QueryEdits {
    private QueryEdits() {}

    /** Applies edits one after the other; values are made from the head as it was before. */
    public static void apply(List<QueryEdit> edits, RequestHead head, FormatContext context) {
        if (edits.isEmpty()) {
            return;
        }
        String path = head.path();
        int mark = path.indexOf('?');
        Map<String, List<String>> parameters = mark < 0 ? new TreeMap<>() : parse(path.substring(mark + 1));
        for (QueryEdit edit : edits) {
            apply(edit, parameters, context);
        }
        StringBuilder changed = new StringBuilder(mark < 0 ? path : path.substring(0, mark));
        char separator = '?';
        for (List<String> values : parameters.values()) {
            for (String nameAndValue : values) {
                changed.append(separator).append(nameAndValue);
                separator = '&';
            }
        }
        head.path(changed.toString());
    }

    private static void apply(QueryEdit edit, Map<String, List<String>> parameters, FormatContext context) {
        String name = edit.name();
        if (edit.value() == null) {
            parameters.remove(name);
            return;
        }
        boolean there = parameters.containsKey(name);
        AppendAction action = edit.action();
        if (there ? action == AppendAction.ADD_IF_ABSENT : action == AppendAction.OVERWRITE_IF_EXISTS) {
            return;
        }
        List<String> values = parameters.computeIfAbsent(name, absent -> new ArrayList<>(1));
        if (action != AppendAction.APPEND_IF_EXISTS_OR_ADD) {
            values.clear();
        }
        values.add(encoded(name) + "=" + encoded(HeaderFormatter.format(edit.value(), context)));
    }

    /** Parameters as they were written, by their decoded names. */
    private static Map<String, List<String>> parse(String query) {
        Map<String, List<String>> parameters = new TreeMap<>();
        for (int start = 0; start < query.length(); ) {
            int end = query.indexOf('&', start);
            end = end < 0 ? query.length() : end;
            String parameter = query.substring(start, end);
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            parameters
                    .computeIfAbsent(decoded(name), absent -> new ArrayList<>(1))
                    .add(equals < 0 ? parameter + "=" : parameter);
            start = end + 1;
        }
        return parameters;
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low < 0) {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.write(high * 16 + low);
                i += 2;
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** All but the unreserved characters of RFC 3986 as {@code %XX}. */
    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) each;
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-_.~".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", each));
            }
        }
        return encoded.toString();
    }
}
