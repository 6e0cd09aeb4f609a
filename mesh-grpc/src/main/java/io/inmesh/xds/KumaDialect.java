package io.inmesh.xds;

import io.inmesh.model.InboundListener;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.List;
import java.util.Set;

/** Listeners by address and port, as kuma-cp sends them to a sidecar: each destination of the mesh has an address of its own. */
record KumaDialect(boolean passthrough) implements XdsDialect {
    /** What kuma-cp's sidecars have for themselves: administration, DNS, metrics. Other names mean nothing. */
    private static final List<String> OWN = List.of("kuma:", "_kuma:", "system_");

    @Override
    public String name() {
        return "kuma";
    }

    /** Endpoints and secrets are asked for by all names that the others name: with fewer of them, a stream of state of the world gets no answer. */
    @Override
    public Set<ResourceKind> wildcards() {
        return Set.of(ResourceKind.LISTENER, ResourceKind.CLUSTER);
    }

    @Override
    public XdsDialect withPassthrough() {
        return new KumaDialect(true);
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        return KumaDirectory.of(snapshot, KumaEgress.of(snapshot, passthrough));
    }

    /**
     * By address and port only. What a sidecar lets through to ports without an inbound, uninspected, is nothing that a server in the mesh has: it needs an inbound.
     */
    @Override
    public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        List<InboundListener> inbounds = snapshot.inbound().values().stream()
                .filter(each -> !each.originalDestination())
                .filter(each -> OWN.stream().noneMatch(each.name()::startsWith))
                .toList();
        Binding binding = ServerListeners.bind(inbounds, address);
        return binding instanceof Binding.Refused refused
                ? new Binding.Refused(
                        refused.reason()
                                + "; this process's Dataplane needs an inbound with the server's port, and with its address or networking.address")
                : binding;
    }
}
