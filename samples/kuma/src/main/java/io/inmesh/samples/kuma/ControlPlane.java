package io.inmesh.samples.kuma;

import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.kuma.KumaSourceBuilder;

/** Who drives the scene: a real kuma-cp, or one that plays what was recorded. What is told here takes effect in the applications by itself. */
interface ControlPlane extends AutoCloseable {
    String MESH = "shop";
    String ORDERS = "http://orders.svc.mesh.local:18080";
    String TRUST_DOMAIN = "shop." + KumaCp.ZONE + ".mesh.local";

    /** What it is, for people. */
    String description();

    /** How a workload reaches it as its own Dataplane. */
    KumaSourceBuilder source(Workload workload) throws Exception;

    /** Which part of the requests each version of orders gets. */
    void canary(int v1, int v2) throws Exception;

    /** Whether an instance of orders takes requests. */
    void state(Workload instance, State state) throws Exception;

    /** Whether the workload {@code legacy} may call. */
    void legacyMayCall(boolean allowed) throws Exception;

    /** Goes away and comes back. */
    void outage(Outage during) throws Exception;

    /** What is watched while the control plane is away. */
    interface Outage {
        void watch() throws InterruptedException;
    }

    @Override
    void close();
}
