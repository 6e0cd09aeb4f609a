package io.inmesh.xds;

import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.Set;

/** Listeners as istiod makes them for a sidecar. */
record IstioDialect(boolean passthrough) implements XdsDialect {

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
        return new IstioDialect(true);
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        return new SidecarIndex(snapshot, passthrough).listeners();
    }

    @Override
    public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        return ServerListeners.bind(snapshot.inbound().values(), address);
    }
}
