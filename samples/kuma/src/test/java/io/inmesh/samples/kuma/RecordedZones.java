package io.inmesh.samples.kuma;

import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.samples.kuma.recorded.Authority;
import io.inmesh.samples.kuma.recorded.Habits;
import io.inmesh.samples.kuma.recorded.ProxyConfiguration;
import io.inmesh.samples.kuma.recorded.RecordedControlPlane;
import io.inmesh.samples.kuma.recorded.Recording;
import io.inmesh.samples.kuma.recorded.ResourceType;
import io.inmesh.xds.kuma.KumaSource;
import io.inmesh.xds.kuma.KumaSourceBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The mesh {@code shop} in two zones, as kuma-cp 2.14.3 sent it to a web of the first one and to an orders of the second one. Each zone has a control plane, an
 * authority and a trust domain of its own, and the second one is behind an ingress.
 */
final class RecordedZones implements AutoCloseable {
    static final String REMOTE = "http://orders.svc.zone-2.mesh.local:18080/orders/7";
    static final String BOTH = "http://orders.mzsvc.mesh.local:18080/orders/7";

    static final Workload WEB = Workload.WEB;
    static final Workload NEAR = Workload.ORDERS.get(0);
    static final Workload FAR = new Workload("orders-far", "orders", "v1", "127.0.2.2", true);

    private static final String DOMAIN_ONE = ControlPlane.TRUST_DOMAIN;
    private static final String DOMAIN_TWO = "shop.zone-2.mesh.local";
    private static final String IDENTITY = "kri_mid_shop___identity_";
    private static final String TRUST = "system_trust_bundle";
    private static final String SERVICE_OF_BOTH = "shop_orders___mzsvc_18080";

    private final RecordedControlPlane one;
    private final RecordedControlPlane two;
    private final Authority ofOne = new Authority(DOMAIN_ONE);
    private final Authority ofTwo = new Authority(DOMAIN_TWO);

    private RecordedZones(Habits habits) throws Exception {
        one = new RecordedControlPlane(habits);
        two = new RecordedControlPlane(habits);
    }

    static RecordedZones start(Habits habits) throws Exception {
        RecordedZones zones = new RecordedZones(habits);
        ProxyConfiguration server = Recording.of("two-zones/orders");
        zones.one.serve(
                WEB.nodeId(),
                zones.trusting(Recording.of("two-zones/web"), true),
                () -> identity(zones.ofOne, WEB.spiffeId()));
        zones.one.serve(
                NEAR.nodeId(),
                zones.trusting(RecordedMesh.at(NEAR, server, FAR.address()), true),
                () -> identity(zones.ofOne, NEAR.spiffeId()));
        zones.two.serve(FAR.nodeId(), zones.trusting(server, true), () -> identity(zones.ofTwo, farSpiffeId()));
        zones.one.start();
        zones.two.start();
        return zones;
    }

    private static String farSpiffeId() {
        return "spiffe://" + DOMAIN_TWO + "/workload/" + FAR.service();
    }

    private static List<Secret> identity(Authority authority, String name) {
        try {
            return List.of(authority.identity(IDENTITY, name));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private ProxyConfiguration trusting(ProxyConfiguration configuration, boolean both) {
        Map<String, Authority> domains =
                both ? Map.of(DOMAIN_ONE, ofOne, DOMAIN_TWO, ofTwo) : Map.of(DOMAIN_ONE, ofOne);
        return configuration.with(ResourceType.SECRET, TRUST, Authority.trustBundle(TRUST, domains));
    }

    /** The control plane of a workload's zone. */
    RecordedControlPlane controlPlane(Workload workload) {
        return workload.equals(FAR) ? two : one;
    }

    KumaSourceBuilder source(Workload workload) throws Exception {
        RecordedControlPlane controlPlane = controlPlane(workload);
        String pin = controlPlane.pin();
        return KumaSource.builder()
                .controlPlane(controlPlane.address())
                .tls(tls -> tls.pinCertificate(pin))
                .mesh(ControlPlane.MESH)
                .dataplane(workload.name())
                .workload(workload.service());
    }

    /** Whether web has the MeshTrust of the second zone. */
    void webTrustsZoneTwo(boolean trusted) {
        one.change(WEB.nodeId(), each -> trusting(each, trusted));
    }

    /** The second zone's orders has its name by the authority of the first zone from now on, and has only streams that begin after this. */
    void farIsOfTheWrongAuthority() throws IOException {
        two.serve(FAR.nodeId(), trusting(Recording.of("two-zones/orders"), true), () -> identity(ofOne, farSpiffeId()));
    }

    /** Whether the first zone has an orders that is ready. */
    void nearIsReady(boolean ready) throws IOException {
        ClusterLoadAssignment recorded =
                Recording.of("two-zones/web").get(ResourceType.ENDPOINTS, SERVICE_OF_BOTH, ClusterLoadAssignment.class);
        ClusterLoadAssignment.Builder changed = recorded.toBuilder().clearEndpoints();
        for (LocalityLbEndpoints each : recorded.getEndpointsList()) {
            if (ready || each.getPriority() > 0) {
                changed.addEndpoints(each);
            }
        }
        one.change(WEB.nodeId(), each -> each.with(ResourceType.ENDPOINTS, SERVICE_OF_BOTH, changed.build()));
    }

    @Override
    public void close() {
        one.close();
        two.close();
    }
}
