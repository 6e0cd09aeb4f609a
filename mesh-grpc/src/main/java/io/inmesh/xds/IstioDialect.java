package io.inmesh.xds;

import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.Set;

/**
 * Listeners as istiod makes them for a sidecar.
 *
 * @param namespace   of the workload, or empty if it is not known
 * @param domain      of its cluster
 * @param passthrough whether what no service has goes straight to its address
 */
record IstioDialect(String namespace, String domain, boolean passthrough) implements XdsDialect {

    @Override
    public String name() {
        return "istio";
    }

    @Override
    public Set<ResourceKind> wildcards() {
        return Set.of(ResourceKind.LISTENER, ResourceKind.CLUSTER, ResourceKind.NAME_TABLE);
    }

    @Override
    public XdsDialect withPassthrough() {
        return new IstioDialect(namespace, domain, true);
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        return new SidecarIndex(snapshot, namespace, domain, passthrough).listeners();
    }

    @Override
    public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        return ServerListeners.bind(snapshot.inbound().values(), address);
    }
}
