package io.inmesh.samples.kuma;

import io.inmesh.xds.kuma.KumaDataplane;
import io.inmesh.xds.kuma.KumaDataplane.Inbound;
import java.util.List;

/**
 * One process, as it would be elsewhere: here several live in one JVM, each with a Dataplane, an identity and connections of its own.
 *
 * @param name    of its Dataplane
 * @param service what it is an instance of
 * @param version of it
 * @param address on loopback
 * @param serves  whether it serves at port 18080
 */
record Workload(String name, String service, String version, String address, boolean serves) {
    static final int PORT = 18080;

    static final Workload WEB = new Workload("web-1", "web", "v1", "127.0.1.9", false);
    static final Workload LEGACY = new Workload("legacy-1", "legacy", "v1", "127.0.1.10", false);
    static final List<Workload> ORDERS = List.of(
            new Workload("orders-1", "orders", "v1", "127.0.1.2", true),
            new Workload("orders-2", "orders", "v1", "127.0.1.3", true),
            new Workload("orders-3", "orders", "v2", "127.0.1.4", true));

    /** The node's id at kuma-cp. */
    String nodeId() {
        return ControlPlane.MESH + "." + name;
    }

    /** The identity that the mesh gives it. */
    String spiffeId() {
        return "spiffe://" + ControlPlane.TRUST_DOMAIN + "/workload/" + service;
    }

    /** Its Dataplane. */
    KumaDataplane dataplane() {
        KumaDataplane.Builder builder = KumaDataplane.builder(ControlPlane.MESH, name, address)
                .workload(service)
                .label("version", version)
                .tag("kuma.io/service", service)
                .tag("version", version);
        if (serves) {
            builder.inbound(new Inbound(PORT, "http", "http"));
        }
        return builder.build();
    }
}
