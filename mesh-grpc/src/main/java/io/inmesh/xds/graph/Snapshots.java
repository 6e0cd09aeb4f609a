package io.inmesh.xds.graph;

import java.util.Collections;
import java.util.Map;

/** Maps that keep their identity as long as their content does. */
final class Snapshots {
    private Snapshots() {}

    /** The old map if the new one has the very same values under the same names; else the new one, unmodifiable. */
    @SuppressWarnings("ReferenceEquality") // comparing content would cost as much as there are endpoints
    static <T> Map<String, T> keepUnchanged(Map<String, T> before, Map<String, T> after) {
        if (before.size() == after.size()) {
            boolean same = true;
            for (Map.Entry<String, T> entry : after.entrySet()) {
                if (before.get(entry.getKey()) != entry.getValue()) {
                    same = false;
                    break;
                }
            }
            if (same) {
                return before;
            }
        }
        return Collections.unmodifiableMap(after);
    }
}
