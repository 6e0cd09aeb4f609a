package io.inmesh.xds.decode;

import io.inmesh.model.RawFilterConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code io.istio.http.peer_metadata.Config}, which a source's own filter reads: what of it has no effect there. {@code workload_discovery} has none in Envoy either, unless its
 * bootstrap has the extension that ambient meshes give it.
 */
final class PeerMetadataFields {
    static final String TYPE = "io.istio.http.peer_metadata.Config";

    private static final Set<String> KNOWN = Set.of("istio_headers", "workload_discovery");
    private static final List<String> METHODS =
            List.of("downstream_discovery", "upstream_discovery", "downstream_propagation", "upstream_propagation");

    private PeerMetadataFields() {}

    /** Whether the filter can read it: it comes in a {@code TypedStruct}. */
    static boolean check(RawFilterConfig raw, String path, Notes notes) {
        Map<String, Object> config = raw.struct();
        if (config == null) {
            notes.unsupported(path, TYPE + " is read from a TypedStruct only");
            return false;
        }
        for (String field : METHODS) {
            if (config.getOrDefault(field, List.of()) instanceof List<?> methods) {
                for (int i = 0; i < methods.size(); i++) {
                    String at = Paths.element(path + ".value", field, i);
                    names(methods.get(i)).stream()
                            .filter(name -> !KNOWN.contains(String.valueOf(name)))
                            .forEach(name -> notes.unsupported(Paths.child(at, String.valueOf(name))));
                }
            } else {
                notes.unsupported(path + ".value." + field, "is no list");
                return false;
            }
        }
        if (Boolean.TRUE.equals(config.get("shared_with_upstream"))) {
            notes.unsupported(path + ".value.shared_with_upstream");
        }
        return true;
    }

    private static Set<?> names(Object method) {
        return method instanceof Map<?, ?> map ? map.keySet() : Set.of();
    }
}
