package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderMutation;
import io.inmesh.model.SingleFields;
import java.util.List;

/** Changes heads by rule: those of routes and those of the header mutation filter. */
public final class HeaderEdits {
    private HeaderEdits() {}

    /** Applies edits one after the other; each sees what those before it have done. */
    public static void apply(List<HeaderEdit> edits, Headers headers, FormatContext context) {
        for (int i = 0; i < edits.size(); i++) {
            HeaderEdit edit = edits.get(i);
            if (edit instanceof HeaderEdit.Remove remove) {
                headers.remove(remove.name());
            } else if (edit instanceof HeaderEdit.RemoveMatching removal) {
                removeMatching(removal, headers);
            } else {
                HeaderEdit.Put put = (HeaderEdit.Put) edit;
                String value = HeaderFormatter.format(put.value(), context);
                if (!value.isEmpty() || put.keepEmpty()) {
                    put(put, value, headers);
                }
            }
        }
    }

    /**
     * Applies the rules of one level of a route: removals, then what overwrites, then what adds, every value made after the removals and
     * before any of the others ({@code HeaderParser::evaluateHeaders}).
     */
    static void apply(HeaderMutation mutation, Headers headers, FormatContext context) {
        for (int i = 0; i < mutation.removes().size(); i++) {
            headers.remove(mutation.removes().get(i));
        }
        int count = mutation.puts().size();
        if (count == 0) {
            return;
        }
        String[] values = new String[count];
        for (int i = 0; i < count; i++) {
            HeaderEdit.Put put = mutation.puts().get(i);
            String value = HeaderFormatter.format(put.value(), context);
            boolean wanted = (!value.isEmpty() || put.keepEmpty())
                    && switch (put.action()) {
                        case APPEND_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS_OR_ADD -> true;
                        case ADD_IF_ABSENT -> !headers.contains(put.name());
                        case OVERWRITE_IF_EXISTS -> headers.contains(put.name());
                    };
            values[i] = wanted ? value : UNWANTED;
        }
        putAll(mutation.puts(), values, true, headers);
        putAll(mutation.puts(), values, false, headers);
    }

    /** A string of its own, known by its identity. */
    @SuppressWarnings("StringConstructor") // the identity is the point
    private static final String UNWANTED = new String("unwanted");

    @SuppressWarnings("ReferenceEquality") // UNWANTED is known by its identity
    private static void putAll(List<HeaderEdit.Put> puts, String[] values, boolean overwriting, Headers headers) {
        for (int i = 0; i < values.length; i++) {
            HeaderEdit.Put put = puts.get(i);
            if (values[i] != UNWANTED && overwrites(put) == overwriting) {
                if (overwriting) {
                    overwrite(put.name(), values[i], headers);
                } else {
                    append(put.name(), values[i], headers);
                }
            }
        }
    }

    private static boolean overwrites(HeaderEdit.Put put) {
        return put.action() == HeaderEdit.AppendAction.OVERWRITE_IF_EXISTS
                || put.action() == HeaderEdit.AppendAction.OVERWRITE_IF_EXISTS_OR_ADD;
    }

    private static void put(HeaderEdit.Put put, String value, Headers headers) {
        switch (put.action()) {
            case APPEND_IF_EXISTS_OR_ADD -> append(put.name(), value, headers);
            case ADD_IF_ABSENT -> {
                if (!headers.contains(put.name())) {
                    append(put.name(), value, headers);
                }
            }
            case OVERWRITE_IF_EXISTS_OR_ADD -> overwrite(put.name(), value, headers);
            case OVERWRITE_IF_EXISTS -> {
                if (headers.contains(put.name())) {
                    overwrite(put.name(), value, headers);
                }
            }
        }
    }

    private static void append(String name, String value, Headers headers) {
        int first = SingleFields.contains(name) ? headers.indexOf(name, 0) : -1;
        if (first < 0) {
            headers.add(name, value);
        } else if (headers.value(first).isEmpty()) {
            headers.setValue(first, value);
        } else if (!value.isEmpty()) {
            headers.setValue(first, headers.value(first) + "," + value);
        }
    }

    private static void overwrite(String name, String value, Headers headers) {
        headers.remove(name);
        headers.add(name, value);
    }

    private static void removeMatching(HeaderEdit.RemoveMatching removal, Headers headers) {
        for (int i = headers.size() - 1; i >= 0; i--) {
            if (i < headers.size() && removal.name().matches(headers.name(i))) {
                headers.remove(headers.name(i));
            }
        }
    }
}
