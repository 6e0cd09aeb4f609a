package io.inmesh.xds;

import java.util.List;

/**
 * The host in the names that istiod gives to clusters: {@code outbound|port|subset|host}. Names are opaque where xDS is concerned; this form is what Istio's own
 * tools, telemetry and users' EnvoyFilters rely on, and nothing else in a listener for TCP says whose address it is bound to.
 */
final class ClusterHost {
    private static final String KUBERNETES = ".svc.";

    private ClusterHost() {}

    /** Whether a cluster is that of a service, as none of those are that lead anywhere or nowhere. */
    static boolean isOfService(String cluster) {
        return !names(cluster, "").isEmpty();
    }

    /**
     * The names by which a service's host is known: as it is, and for one of Kubernetes also without the cluster's domain, and its name alone in its own namespace.
     *
     * @param namespace in which names are asked for; empty if it is not known
     */
    static List<String> names(String cluster, String namespace) {
        String[] parts = cluster.split("\\|", -1);
        if (parts.length != 4 || !parts[0].equals("outbound") || parts[3].isEmpty()) {
            return List.of();
        }
        String host = parts[3];
        int service = host.indexOf(KUBERNETES);
        int dot = host.indexOf('.');
        if (service < 0 || dot >= service) {
            return List.of(host);
        }
        String qualified = host.substring(0, service);
        return qualified.substring(dot + 1).equals(namespace)
                ? List.of(host, qualified, qualified + ".svc", host.substring(0, dot))
                : List.of(host, qualified, qualified + ".svc");
    }
}
