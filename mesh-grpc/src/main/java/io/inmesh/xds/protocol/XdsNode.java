package io.inmesh.xds.protocol;

import java.util.Map;

/**
 * Who this process is, for a control plane: {@code envoy.config.core.v3.Node}.
 *
 * @param id       the node's id
 * @param cluster  the node's service cluster, or empty
 * @param region   of its locality, or empty
 * @param zone     of its locality, or empty
 * @param subZone  of its locality, or empty
 * @param metadata strings, numbers, booleans, nulls, lists and maps of these
 */
public record XdsNode(
        String id, String cluster, String region, String zone, String subZone, Map<String, Object> metadata) {

    /** A node with an id and a cluster only. */
    public static XdsNode of(String id, String cluster) {
        return new XdsNode(id, cluster, "", "", "", Map.of());
    }
}
