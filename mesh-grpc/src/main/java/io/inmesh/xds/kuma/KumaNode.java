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
    /**
     * Only for people, who see it in kuma-cp's lists. kuma-cp warns of a kuma-dp that is more than two minor versions away from it or of another major one; this goes
     * with 2.14 and with 3.0, and of a preview neither says anything ({@code pkg/version/compatibility.go}).
     */
    private static final String KUMA = "0.0.0-preview.inmesh";

    /** The Envoy of Kuma 2.14, whose behaviour this process has. */
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
        // kuma-cp dereferences kumaDp of any version without a look. Whether that goes with the Envoy it does not ask.
        Map<String, Object> envoy = Map.of("version", ENVOY, "build", "inmesh", "kumaDpCompatible", true);
        metadata.put("version", Map.of("kumaDp", Map.of("version", KUMA), "envoy", envoy));
        metadata.put("features", features);
        if (brought != null) {
            metadata.put("dataplane.resource", brought.resource());
        }
        return metadata;
    }
}
