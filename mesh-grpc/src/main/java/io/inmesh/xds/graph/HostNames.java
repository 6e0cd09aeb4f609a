package io.inmesh.xds.graph;

import io.inmesh.xds.decode.DecodedListener;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The addresses of host names that the mesh knows, from everyone who tells of some. Where two tell of one name, the one that told first counts. */
final class HostNames {
    private final Map<String, Map<String, List<String>>> tables = new LinkedHashMap<>();
    private @Nullable Map<String, List<String>> nameTable;
    private Map<String, List<String>> all = Map.of();

    /** Takes what everyone tells: the control plane's table of names, or null as long as there is none, and listeners. Of one whose words cannot be read, its last good ones hold. */
    @SuppressWarnings("ReferenceEquality") // a table that has not changed is the very same
    void update(@Nullable Map<String, List<String>> newTable, Map<String, DecodedListener> listeners) {
        boolean changed = nameTable != newTable;
        nameTable = newTable;
        changed |= tables.keySet().removeIf(teller -> !listeners.containsKey(teller));
        for (Map.Entry<String, DecodedListener> each : listeners.entrySet()) {
            Map<String, List<String>> table = each.getValue().addresses();
            if (table != null && !table.equals(tables.getOrDefault(each.getKey(), Map.of()))) {
                tables.put(each.getKey(), table);
                changed = true;
            }
        }
        if (changed) {
            Map<String, List<String>> merged = new LinkedHashMap<>(newTable == null ? Map.of() : newTable);
            tables.values().forEach(table -> table.forEach(merged::putIfAbsent));
            all = Collections.unmodifiableMap(merged);
        }
    }

    /** Addresses by name in lower case. The same map as long as nothing has changed. */
    Map<String, List<String>> all() {
        return all;
    }
}
