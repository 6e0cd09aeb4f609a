package io.inmesh.xds.graph;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The addresses of host names that the mesh knows, from everyone who tells of some. */
final class HostNames {
    private @Nullable Map<String, List<String>> nameTable;
    private Map<String, List<String>> all = Map.of();

    /** Takes the control plane's table of names; null as long as there is none. */
    @SuppressWarnings("ReferenceEquality") // a table that has not changed is the very same
    void ofNameTable(@Nullable Map<String, List<String>> table) {
        if (table != nameTable) {
            nameTable = table;
            all = table == null ? Map.of() : Collections.unmodifiableMap(table);
        }
    }

    /** Addresses by name in lower case. The same map as long as nothing has changed. */
    Map<String, List<String>> all() {
        return all;
    }
}
