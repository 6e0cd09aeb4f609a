package io.inmesh.xds.istio;

import java.util.LinkedHashMap;
import java.util.Map;

/** The metadata by which istiod chooses what it sends; keys and forms are those of Istio's {@code NodeMetadata}. */
final class NodeMetadata {
    /** The release whose conventions are held here; istiod holds newer ones back from an older proxy. */
    static final String ISTIO_VERSION = "1.31.0";

    private static final String PREFIX = "ISTIO_META_";
    private static final String JSON_PREFIX = "ISTIO_METAJSON_";
    private static final int RANDOM_SUFFIX = 6;

    private NodeMetadata() {}

    static Map<String, Object> of(Workload workload, AgentEnvironment environment) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("CLUSTER_ID", "Kubernetes");
        metadata.put("ISTIO_VERSION", ISTIO_VERSION);
        // The name table, with addresses for services that have none: names that only the mesh knows.
        metadata.put("DNS_CAPTURE", "true");
        metadata.put("DNS_AUTO_ALLOCATE", "true");
        addOwner(metadata, workload, environment);
        if (!environment.token().node().isEmpty()) {
            metadata.put("NODE_NAME", environment.token().node());
        }
        String network = workload.labels().get("topology.istio.io/network");
        if (network != null) {
            // Injection makes the variable of it.
            metadata.put("NETWORK", network);
        }
        metadata.putAll(environment.withPrefix(PREFIX));
        environment.withPrefix(JSON_PREFIX).forEach((name, text) -> {
            if (!name.equals("LABELS")) {
                metadata.putAll(ProxyConfiguration.map(JSON_PREFIX + name, text));
            }
        });
        metadata.put("NAME", workload.name());
        metadata.put("NAMESPACE", workload.namespace());
        metadata.put("INSTANCE_IPS", String.join(",", workload.addresses()));
        if (workload.serviceAccount() != null) {
            metadata.put("SERVICE_ACCOUNT", workload.serviceAccount());
        }
        putUnlessEmpty(metadata, "LABELS", workload.labels());
        putUnlessEmpty(metadata, "ANNOTATIONS", environment.annotations());
        putUnlessEmpty(metadata, "PROXY_CONFIG", environment.proxy().fields());
        ofThisDataPlane(metadata);
        return metadata;
    }

    /** What is so because there is no proxy, whatever a sidecar beside this process would be told. */
    private static void ofThisDataPlane(Map<String, Object> metadata) {
        // With NONE there would be no inbound listeners; nothing is intercepted, but they say what may come in.
        metadata.put("INTERCEPTION_MODE", "REDIRECT");
        // Endpoints by their own address, not behind tunnels that are not spoken here.
        metadata.put("DISABLE_HBONE_SEND", "true");
        metadata.remove("ENABLE_HBONE");
        metadata.remove("GENERATOR");
    }

    /** A Deployment names its pods NAME-HASH-SUFFIX, and labels them with the hash. */
    private static void addOwner(Map<String, Object> metadata, Workload workload, AgentEnvironment environment) {
        String hash = environment.labels().get(AgentEnvironment.TEMPLATE_HASH);
        String ending = "-" + hash + "-";
        int end = workload.name().length() - RANDOM_SUFFIX + 1;
        if (hash != null && end > ending.length() && workload.name().startsWith(ending, end - ending.length())) {
            String deployment = workload.name().substring(0, end - ending.length());
            metadata.put("WORKLOAD_NAME", deployment);
            metadata.put(
                    "OWNER",
                    "kubernetes://apis/apps/v1/namespaces/" + workload.namespace() + "/deployments/" + deployment);
        }
    }

    private static void putUnlessEmpty(Map<String, Object> metadata, String name, Map<String, ?> value) {
        if (!value.isEmpty()) {
            metadata.put(name, value);
        }
    }
}
