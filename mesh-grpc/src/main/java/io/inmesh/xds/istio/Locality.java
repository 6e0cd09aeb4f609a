package io.inmesh.xds.istio;

import java.util.Map;

/**
 * Where a workload runs.
 *
 * @param region  or empty
 * @param zone    or empty
 * @param subZone or empty
 */
record Locality(String region, String zone, String subZone) {
    static final Locality NONE = new Locality("", "", "");

    /**
     * Of a pod's labels: {@code topology.istio.io/locality}, then {@code istio-locality}, both {@code region/zone/subzone} or with dots, because a label has
     * no slash; then those that Kubernetes copies from the node. Without any of them istiod takes the node's.
     */
    static Locality of(Map<String, String> labels) {
        String own = labels.getOrDefault("topology.istio.io/locality", labels.getOrDefault("istio-locality", ""));
        if (own.isEmpty()) {
            return new Locality(
                    labels.getOrDefault("topology.kubernetes.io/region", ""),
                    labels.getOrDefault("topology.kubernetes.io/zone", ""),
                    labels.getOrDefault("topology.istio.io/subzone", ""));
        }
        String[] parts = own.split(own.indexOf('/') >= 0 ? "/" : "\\.", 3);
        return new Locality(parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
    }
}
