package io.inmesh.xds;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host in the names that istiod gives to clusters: {@code outbound|port|subset|host}. Names are opaque where xDS is concerned; this form is what Istio's own
 * tools, telemetry and users' EnvoyFilters rely on, and nothing else in a listener for TCP says whose address it is bound to.
 */
final class ClusterHost {
    private ClusterHost() {}

    /** Whether a cluster is that of a service, as none of those are that lead anywhere or nowhere. */
    static boolean isOfService(String cluster) {
        return host(cluster) != null;
    }

    private static @Nullable String host(String cluster) {
        String[] parts = cluster.split("\\|", -1);
        return parts.length == 4 && parts[0].equals("outbound") && !parts[3].isEmpty() ? parts[3] : null;
    }

    /**
     * The names by which a service's host is known: as it is, and for one of the own Kubernetes cluster also without that one's domain, and its name alone in its own namespace.
     * A host that only looks like one is somebody's ServiceEntry, which must not get what is meant for others.
     *
     * @param namespace in which names are asked for; empty if it is not known
     * @param domain    of the cluster, such as {@code cluster.local}
     */
    static List<String> names(String cluster, String namespace, String domain) {
        String host = host(cluster);
        if (host == null) {
            return List.of();
        }
        String suffix = ".svc." + domain;
        int dot = host.indexOf('.');
        int service = host.length() - suffix.length();
        if (!host.endsWith(suffix) || dot <= 0 || dot >= service) {
            return List.of(host);
        }
        String qualified = host.substring(0, service);
        if (qualified.indexOf('.', dot + 1) >= 0) {
            return List.of(host);
        }
        return qualified.substring(dot + 1).equals(namespace)
                ? List.of(host, qualified, qualified + ".svc", host.substring(0, dot))
                : List.of(host, qualified, qualified + ".svc");
    }
}
