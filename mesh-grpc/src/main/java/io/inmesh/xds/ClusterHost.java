package io.inmesh.xds;

import java.util.List;

/**
 * The host in the names that istiod gives to clusters: {@code outbound|port|subset|host}. Names are opaque where xDS is concerned; this form is what Istio's own
 * tools, telemetry and users' EnvoyFilters rely on, and nothing else in a listener for TCP says whose address it is bound to.
 */
final class ClusterHost {
    private static final String KUBERNETES = ".svc.";

    private ClusterHost() {}

    /**
     * The names by which a service's host is known: as it is, and for one of Kubernetes also without the cluster's domain, which means the same in every namespace. The
     * name alone is not among them: it means a service of the caller's own namespace, of which a cluster says nothing.
     */
    static List<String> names(String cluster) {
        String[] parts = cluster.split("\\|", -1);
        if (parts.length != 4 || !parts[0].equals("outbound") || parts[3].isEmpty()) {
            return List.of();
        }
        String host = parts[3];
        int service = host.indexOf(KUBERNETES);
        boolean kubernetes = service > 0 && host.indexOf('.') < service;
        return kubernetes
                ? List.of(host, host.substring(0, service), host.substring(0, service) + ".svc")
                : List.of(host);
    }
}
