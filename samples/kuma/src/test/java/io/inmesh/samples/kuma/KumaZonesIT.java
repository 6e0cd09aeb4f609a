package io.inmesh.samples.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.stage.Traffic;
import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.protocol.XdsTransport;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Callers in one zone of a real federation and a server in the other one, with Envoys as zone proxies between them. The order counts in that trust comes first, and
 * that the control planes are ended last.
 */
@EnabledIfEnvironmentVariable(named = LiveKuma.VARIABLE, matches = ".+")
@EnabledIfEnvironmentVariable(named = ZoneProxy.VARIABLE, matches = ".+")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KumaZonesIT {
    private static final Logger log = LoggerFactory.getLogger(KumaZonesIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final Deque<AutoCloseable> open = new ArrayDeque<>();
    private static LiveZones zones;
    private static FederatedMesh builtin;
    private static FederatedMesh identity;

    @BeforeAll
    static void start() throws Exception {
        zones = opened(LiveZones.start());
        OutsideServer outside = opened(OutsideServer.start());
        identity = opened(FederatedMesh.identity(zones, outside));
        builtin = opened(FederatedMesh.builtin(zones, outside));
    }

    @AfterAll
    static void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private static <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    private static FederatedMesh mesh(String ca) {
        return ca.equals("builtin") ? builtin : identity;
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                BodyHandlers.ofString());
    }

    private static void awaitStatus(HttpClient client, String url, int status) {
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            HttpResponse<String> response = get(client, url);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        });
    }

    private static List<String> zonesThatAnswer(HttpClient client, String url) throws Exception {
        List<String> answered = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> response = get(client, url);
            answered.add(response.headers()
                    .firstValue(OrdersApplication.INSTANCE)
                    .orElse(response.statusCode() + " " + response.body()));
        }
        return answered;
    }

    @Test
    @Order(1)
    void remoteService_isReachedWhenItsZonesTrustEachOther() throws Exception {
        MeshHttpClient web = identity.web(XdsTransport.INCREMENTAL);
        awaitStatus(web, FederatedMesh.BOTH, 200);
        awaitStatus(web, FederatedMesh.REMOTE, 503);
        log.warn(
                "before the zones trust each other: {}",
                get(web, FederatedMesh.REMOTE).body());
        assertThat(identity.connections(FederatedMesh.INGRESS))
                .as("it was asked")
                .isPositive();
        identity.trustEachOther();
        awaitStatus(web, FederatedMesh.REMOTE, 200);
    }

    @ParameterizedTest
    @CsvSource({
        "builtin, INCREMENTAL",
        "builtin, STATE_OF_THE_WORLD",
        "identity, INCREMENTAL",
        "identity, STATE_OF_THE_WORLD"
    })
    @Order(2)
    void remoteService_byHostName_isKnownToItsCallerEndToEnd(String ca, XdsTransport transport) throws Exception {
        FederatedMesh mesh = mesh(ca);
        MeshHttpClient web = mesh.web(transport);
        awaitStatus(web, FederatedMesh.REMOTE, 200);
        HttpResponse<String> response = get(web, FederatedMesh.REMOTE);
        assertThat(response.body()).isEqualTo(mesh.callerName());
        assertThat(response.headers().firstValue(OrdersApplication.INSTANCE)).contains(LiveZones.ZONE_TWO);
        assertThat(mesh.connections(FederatedMesh.INGRESS)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"builtin, INCREMENTAL", "identity, STATE_OF_THE_WORLD"})
    @Order(2)
    void meshMultiZoneService_staysInItsZoneAsLongAsItCan(String ca, XdsTransport transport) throws Exception {
        FederatedMesh mesh = mesh(ca);
        MeshHttpClient web = mesh.web(transport);
        awaitZones(web, LiveZones.ZONE_ONE);
        mesh.state(LiveZones.ZONE_ONE, State.NOT_READY);
        awaitZones(web, LiveZones.ZONE_TWO);
        assertThat(get(web, FederatedMesh.BOTH).body()).isEqualTo(mesh.callerName());
        mesh.state(LiveZones.ZONE_TWO, State.NOT_READY);
        awaitStatus(web, FederatedMesh.BOTH, 503);
        mesh.state(LiveZones.ZONE_TWO, State.READY);
        awaitZones(web, LiveZones.ZONE_TWO);
        mesh.state(LiveZones.ZONE_ONE, State.READY);
        awaitZones(web, LiveZones.ZONE_ONE);
    }

    private static void awaitZones(HttpClient web, String zone) {
        long put = System.nanoTime();
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                        zonesThatAnswer(web, FederatedMesh.BOTH))
                .containsOnly(zone));
        log.warn("{} answers {} ms later", zone, (System.nanoTime() - put) / 1_000_000);
    }

    @ParameterizedTest
    @CsvSource({"builtin, INCREMENTAL", "identity, STATE_OF_THE_WORLD"})
    @Order(2)
    void meshExternalService_isReachedThroughTheEgress_whichSpeaksTlsForIt(String ca, XdsTransport transport)
            throws Exception {
        FederatedMesh mesh = mesh(ca);
        MeshHttpClient web = mesh.web(transport);
        awaitStatus(web, FederatedMesh.PLAIN, 200);
        assertThat(get(web, FederatedMesh.PLAIN).body()).isEqualTo("in the clear");
        awaitStatus(web, FederatedMesh.SECURE, 200);
        assertThat(get(web, FederatedMesh.SECURE).body()).startsWith("by TLSv1.");
        assertThat(mesh.connections(FederatedMesh.EGRESS)).isPositive();
    }

    @Test
    @Order(3)
    void controlPlanes_areEndedOneAfterTheOther_noRequestFails() throws Exception {
        MeshHttpClient near = builtin.web(XdsTransport.INCREMENTAL);
        MeshHttpClient far = identity.web(XdsTransport.INCREMENTAL);
        awaitStatus(near, FederatedMesh.BOTH, 200);
        awaitStatus(far, FederatedMesh.REMOTE, 200);
        try (Traffic both = traffic(near, FederatedMesh.BOTH);
                Traffic remote = traffic(far, FederatedMesh.REMOTE)) {
            both.start();
            remote.start();
            zones.global().process().kill();
            // A zone goes on by itself: its own changes are told to its own proxies.
            builtin.state(LiveZones.ZONE_ONE, State.NOT_READY);
            awaitZones(near, LiveZones.ZONE_TWO);
            zones.two().process().kill();
            zones.one().process().kill();
            for (int i = 0; i < 5; i++) {
                both.second();
                remote.second();
            }
            both.finish();
            remote.finish();
            for (Traffic each : List.of(both, remote)) {
                log.warn(
                        "control planes ended: {} requests, {} failed",
                        each.total().count(),
                        each.total().failures());
                assertThat(each.total().count()).isPositive();
                assertThat(each.total().failures())
                        .as(each.total().lastTrouble())
                        .isZero();
            }
        }
    }

    private static Traffic traffic(HttpClient client, String url) {
        return new Traffic(client, URI.create(url), 50, OrdersApplication.INSTANCE, List.of());
    }
}
