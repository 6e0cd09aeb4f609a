package io.inmesh.xds.decode;

/**
 * From where host names are looked at: short ones are those of services in the own namespace.
 *
 * @param namespace the workload's
 * @param suffix    what the full names of services of its own cluster end with, such as {@code svc.cluster.local}; empty if nobody said it
 */
public record NameScope(String namespace, String suffix) {

    /** Of nobody: full names only. */
    public static final NameScope NONE = new NameScope("", "");

    /** Of a node whose id has Istio's form {@code TYPE~IP~NAME~NAMESPACE.svc.DOMAIN}; of any other, {@link #NONE}. */
    public static NameScope ofNode(String id) {
        String[] parts = id.split("~", -1);
        int dot = parts.length == 4 ? parts[3].indexOf('.') : -1;
        return dot > 0 ? new NameScope(parts[3].substring(0, dot), parts[3].substring(dot + 1)) : NONE;
    }

    /** Whether a host is a service of the own cluster, so that no other cluster can have the same short name. */
    boolean isOwn(String host) {
        return !suffix.isEmpty() && host.endsWith(suffix);
    }
}
