package io.inmesh.xds.graph;

import io.inmesh.xds.decode.DecodedListener;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of host names that the mesh knows, from everyone who tells of some: a table of its own, as Istio's, goes before those in listeners, as Kuma's. Of two
 * listeners that tell of one name, the one that told first counts.
 */
final class HostNames {
    private final Map<String, Map<String, List<String>>> ofListeners = new LinkedHashMap<>();
    private @Nullable Map<String, List<String>> nameTable;
    private Map<String, List<String>> all = Map.of();

    /** Takes the control plane's table of names; null as long as there is none. */
    @SuppressWarnings("ReferenceEquality") // a table that has not changed is the very same
    void ofNameTable(@Nullable Map<String, List<String>> table) {
        if (table != nameTable) {
            nameTable = table;
            merge();
        }
    }

    /** Takes what listeners tell. Of one whose words cannot be read, its last good ones hold. */
    void ofListeners(Map<String, DecodedListener> listeners) {
        boolean changed = ofListeners.keySet().removeIf(teller -> !listeners.containsKey(teller));
        for (Map.Entry<String, DecodedListener> each : listeners.entrySet()) {
            Map<String, List<String>> table = each.getValue().addresses();
            if (table != null && !table.equals(ofListeners.getOrDefault(each.getKey(), Map.of()))) {
                ofListeners.put(each.getKey(), table);
                changed = true;
            }
        }
        if (changed) {
            merge();
        }
    }

    private void merge() {
        Map<String, List<String>> merged = new LinkedHashMap<>();
        if (nameTable != null) {
            merged.putAll(nameTable);
        }
        ofListeners.values().forEach(table -> table.forEach(merged::putIfAbsent));
        all = Collections.unmodifiableMap(merged);
    }

    /** Addresses by name in lower case. The same map as long as nothing has changed. */
    Map<String, List<String>> all() {
        return all;
    }
}
