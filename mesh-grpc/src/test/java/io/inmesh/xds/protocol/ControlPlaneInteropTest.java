package io.inmesh.xds.protocol;

import static io.inmesh.xds.protocol.ResourceKind.CLUSTER;
import static io.inmesh.xds.protocol.ResourceKind.ENDPOINTS;
import static io.inmesh.xds.testing.Resources.cluster;
import static io.inmesh.xds.testing.Resources.endpoints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.xds.testing.ControlPlane;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against java-control-plane, a peer that others wrote. */
class ControlPlaneInteropTest {

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void updates_acrossARestart_arriveAndLastGoodStays(XdsTransport transport) {
        try (ControlPlane controlPlane = ControlPlane.start();
                LiveSession live = new LiveSession(
                        LiveSession.QUICK,
                        XdsServer.plaintext(controlPlane.target()).withTransport(transport))) {
            controlPlane.set(cluster("a"), endpoints("a", 1));
            live.wants(session -> {
                session.wildcard(CLUSTER);
                session.subscribe(ENDPOINTS, "a");
            });
            await().untilAsserted(() -> assertThat(live.handler.versions).containsOnlyKeys("CLUSTER a", "ENDPOINTS a"));

            controlPlane.set(cluster("a"), cluster("b"), endpoints("a", 2), endpoints("b", 1));
            live.wants(session -> session.subscribe(ENDPOINTS, "b"));
            await().untilAsserted(() -> assertThat(live.handler.versions)
                    .containsOnlyKeys("CLUSTER a", "CLUSTER b", "ENDPOINTS a", "ENDPOINTS b"));

            controlPlane.stop();
            await().until(() -> !live.connection().connected());
            assertThat(live.handler.versions).hasSize(4);
            controlPlane.set(
                    cluster("a"), cluster("b"), cluster("c"), endpoints("a", 3), endpoints("b", 1), endpoints("c", 1));
            controlPlane.restart();
            await().untilAsserted(() -> assertThat(live.handler.versions).containsKey("CLUSTER c"));
            assertThat(live.connection().connected()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void refusal_isHeard_andTheNextUpdateHeals(XdsTransport transport) {
        try (ControlPlane controlPlane = ControlPlane.start();
                LiveSession live = new LiveSession(
                        LiveSession.QUICK,
                        XdsServer.plaintext(controlPlane.target()).withTransport(transport))) {
            live.handler.reject.put("bad", "alt_stat_name: not this one");
            controlPlane.set(cluster("good"), cluster("bad"));
            live.wants(session -> session.wildcard(CLUSTER));
            assertThat(controlPlane.awaitRefusal()).contains("bad: alt_stat_name: not this one");
            await().untilAsserted(() -> assertThat(live.handler.versions).containsOnlyKeys("CLUSTER good"));
            live.handler.reject.clear();
            controlPlane.set(
                    cluster("good"),
                    cluster("bad").toBuilder().setAltStatName("mended").build());
            await().untilAsserted(
                            () -> assertThat(live.handler.versions).containsOnlyKeys("CLUSTER good", "CLUSTER bad"));
            assertThat(Map.copyOf(live.handler.missing)).isEmpty();
        }
    }
}
