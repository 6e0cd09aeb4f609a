package io.inmesh.xds.istio;

import io.inmesh.xds.protocol.XdsNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who this process is in the mesh.
 *
 * @param name           of the pod or machine
 * @param namespace      its namespace
 * @param serviceAccount or null if nobody said it
 * @param addresses      at least one, the workload's own first
 * @param domain         of the cluster, such as {@code cluster.local}
 * @param trustDomain    of its identity
 * @param labels         without those that controllers set for themselves
 * @param locality       where it runs
 */
record Workload(
        String name,
        String namespace,
        @Nullable String serviceAccount,
        List<String> addresses,
        String domain,
        String trustDomain,
        Map<String, String> labels,
        Locality locality) {

    /** {@code TYPE~IP~NAME~DOMAIN}, four parts exactly. */
    String nodeId() {
        return "sidecar~" + addresses.get(0) + "~" + name + "." + namespace + "~" + namespace + ".svc." + domain;
    }

    /** As Istio's agent calls the service cluster: after the application's label, else after the workload. */
    private String cluster(Map<String, Object> metadata) {
        String app = labels.getOrDefault("app", labels.getOrDefault("app.kubernetes.io/name", ""));
        Object workload = metadata.getOrDefault("WORKLOAD_NAME", "istio-proxy");
        return (app.isEmpty() ? workload : app) + "." + namespace;
    }

    /** @param extra metadata that goes before what is known otherwise */
    XdsNode node(AgentEnvironment environment, Map<String, Object> extra) {
        Map<String, Object> metadata = new LinkedHashMap<>(NodeMetadata.of(this, environment));
        metadata.putAll(extra);
        return new XdsNode(
                nodeId(), cluster(metadata), locality.region(), locality.zone(), locality.subZone(), metadata);
    }
}
