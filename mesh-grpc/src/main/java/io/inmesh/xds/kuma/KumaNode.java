package io.inmesh.xds.kuma;

import io.inmesh.xds.protocol.XdsNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The node as kuma-cp reads it ({@code DataplaneMetadataFromXdsMetadata}). There is neither an admin nor a readiness port in it, for which kuma-cp would make
 * listeners.
 */
record KumaNode(
        String mesh,
        String name,
        @Nullable String workload,
        int dnsPort,
        List<String> features,
        @Nullable BroughtDataplane brought) {
    /** Whose wire behaviour this process has. Only for people, who see it in kuma-cp's lists, and for its warning about versions that do not go together. */
    private static final String KUMA = "2.14.3";

    private static final String ENVOY = "1.38.2";

    XdsNode toNode() {
        if (mesh.isBlank() || mesh.contains(".")) {
            throw new IllegalStateException(
                    "'" + mesh + "' is no mesh: expected a name without dots, because the node is MESH.NAME");
        }
        if (name.isBlank()) {
            throw new IllegalStateException("The Dataplane's name is empty");
        }
        // Kuma's own word for a proxy of no workload.
        return new XdsNode(mesh + "." + name, workload == null ? "unknown" : workload, "", "", "", metadata());
    }

    private Map<String, Object> metadata() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("dataplane.proxyType", "dataplane");
        // Numbers are strings there.
        metadata.put("dataplane.dns.port", String.valueOf(dnsPort));
        // kuma-cp 2.14 dereferences kumaDp of any version without a look.
        metadata.put(
                "version",
                Map.of("kumaDp", Map.of("version", KUMA), "envoy", Map.of("version", ENVOY, "build", "inmesh")));
        metadata.put("features", features);
        if (brought != null) {
            metadata.put("dataplane.resource", brought.resource());
        }
        return metadata;
    }
}
