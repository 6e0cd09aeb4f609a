package io.inmesh.samples.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.kuma.recorded.Habits;
import io.inmesh.samples.stage.Traffic;
import io.inmesh.xds.protocol.XdsTransport;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A caller in one recorded zone, and servers there and in another one, which is behind its ingress. */
class RecordedZonesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String NAME_OF_REMOTE = "sni.msvc.shop.zone-2.orders.http";
    private static final String NAME_OF_BOTH = "sni.mzsvc.shop.orders.http";

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private RecordedZones zones;
    private RecordedIngress ingress;

    @BeforeEach
    void start() throws Exception {
        zones = opened(RecordedZones.start(Habits.KUMA));
        ingress = opened(RecordedIngress.start());
    }

    @AfterEach
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    private void serve(Workload workload, XdsTransport transport) throws Exception {
        Member member = opened(Member.join(
                workload, zones.source(workload).transport(transport).build()));
        opened(OrdersServer.start(member));
    }

    private MeshHttpClient web(XdsTransport transport) throws Exception {
        Member member = opened(Member.join(
                RecordedZones.WEB,
                zones.source(RecordedZones.WEB).transport(transport).build()));
        member.awaitReady();
        MeshHttpClient client = MeshHttpClient.newBuilder(member.mesh())
                .meshTls(member.tls())
                .eventLoops(1)
                .build();
        open.push(client::shutdownNow);
        return client;
    }

    private static HttpResponse<String> get(MeshHttpClient web, String url) throws Exception {
        return web.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(15))
                        .build(),
                BodyHandlers.ofString());
    }

    private static void awaitStatus(MeshHttpClient web, String url, int status) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            HttpResponse<String> response = get(web, url);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        });
    }

    private static List<String> instances(MeshHttpClient web) throws Exception {
        List<String> instances = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            instances.add(get(web, RecordedZones.BOTH)
                    .headers()
                    .firstValue(OrdersApplication.INSTANCE)
                    .orElse("nobody"));
        }
        return instances;
    }

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void remoteService_isReachedByItsServerName_endToEnd(XdsTransport transport) throws Exception {
        serve(RecordedZones.FAR, transport);
        MeshHttpClient web = web(transport);
        awaitStatus(web, RecordedZones.REMOTE, 200);
        HttpResponse<String> response = get(web, RecordedZones.REMOTE);
        assertThat(response.body()).endsWith(" for " + RecordedZones.WEB.spiffeId());
        assertThat(response.headers().firstValue(OrdersApplication.INSTANCE)).contains(RecordedZones.FAR.name());
        assertThat(ingress.serverNames()).containsOnly(NAME_OF_REMOTE);
    }

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void serviceOfBothZones_staysInItsZoneAsLongAsItCan(XdsTransport transport) throws Exception {
        serve(RecordedZones.NEAR, transport);
        serve(RecordedZones.FAR, transport);
        MeshHttpClient web = web(transport);
        awaitStatus(web, RecordedZones.BOTH, 200);
        assertThat(instances(web)).containsOnly(RecordedZones.NEAR.name());
        assertThat(ingress.serverNames()).isEmpty();

        zones.nearIsReady(false);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(instances(web)).containsOnly(RecordedZones.FAR.name()));
        assertThat(ingress.serverNames()).containsOnly(NAME_OF_BOTH);

        zones.nearIsReady(true);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(instances(web)).containsOnly(RecordedZones.NEAR.name()));
    }

    @Test
    void zoneThatIsNotTrusted_isNotCalled() throws Exception {
        serve(RecordedZones.FAR, XdsTransport.INCREMENTAL);
        zones.webTrustsZoneTwo(false);
        MeshHttpClient web = web(XdsTransport.INCREMENTAL);
        awaitStatus(web, RecordedZones.REMOTE, 503);
        assertThat(ingress.serverNames()).as("it was asked").isNotEmpty();
        zones.webTrustsZoneTwo(true);
        awaitStatus(web, RecordedZones.REMOTE, 200);
    }

    /** Both authorities are trusted, but each for the names of its own trust domain only. */
    @Test
    void nameOfOneZone_byTheAuthorityOfAnother_isNotCalled() throws Exception {
        zones.farIsOfTheWrongAuthority();
        serve(RecordedZones.FAR, XdsTransport.INCREMENTAL);
        awaitStatus(web(XdsTransport.INCREMENTAL), RecordedZones.REMOTE, 503);
        assertThat(ingress.serverNames()).as("it was asked").isNotEmpty();
    }

    @Test
    void ingressThatGoesAndComes_isFoundAgain() throws Exception {
        serve(RecordedZones.FAR, XdsTransport.INCREMENTAL);
        MeshHttpClient web = web(XdsTransport.INCREMENTAL);
        awaitStatus(web, RecordedZones.REMOTE, 200);
        ingress.close();
        awaitStatus(web, RecordedZones.REMOTE, 503);
        opened(RecordedIngress.start());
        awaitStatus(web, RecordedZones.REMOTE, 200);
    }

    @Test
    void controlPlanesOfBothZones_areAway_noRequestFails() throws Exception {
        serve(RecordedZones.FAR, XdsTransport.INCREMENTAL);
        MeshHttpClient web = web(XdsTransport.INCREMENTAL);
        awaitStatus(web, RecordedZones.REMOTE, 200);
        try (Traffic traffic =
                new Traffic(web, URI.create(RecordedZones.REMOTE), 50, OrdersApplication.INSTANCE, List.of())) {
            traffic.start();
            zones.controlPlane(RecordedZones.WEB).stop();
            zones.controlPlane(RecordedZones.FAR).stop();
            traffic.second();
            zones.controlPlane(RecordedZones.WEB).start();
            zones.controlPlane(RecordedZones.FAR).start();
            traffic.second();
            traffic.finish();
            assertThat(traffic.total().count()).isPositive();
            assertThat(traffic.total().failures())
                    .as(traffic.total().lastTrouble())
                    .isZero();
        }
    }
}
