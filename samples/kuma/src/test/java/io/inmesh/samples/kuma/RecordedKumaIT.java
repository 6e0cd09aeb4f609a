package io.inmesh.samples.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.samples.kuma.recorded.Habits;
import io.inmesh.samples.kuma.recorded.ResourceType;
import io.inmesh.samples.stage.OpenParts;
import io.inmesh.samples.stage.Traffic;
import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.kuma.KumaSource;
import io.inmesh.xds.kuma.KumaSourceBuilder;
import io.inmesh.xds.protocol.XdsTransport;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients and servers in the recorded mesh, by whichever transport. */
class RecordedKumaIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Habits QUICK =
            new Habits(Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ofMillis(400));

    private final OpenParts open = new OpenParts();
    private final List<Message> words = new CopyOnWriteArrayList<>();
    private RecordedMesh mesh;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @BeforeEach
    void start() throws Exception {
        mesh = opened(RecordedMesh.start(QUICK));
        mesh.server().observe(words::add);
    }

    @AfterEach
    void stop() throws Exception {
        open.close();
    }

    private <T extends AutoCloseable> T opened(T part) {
        return open.add(part);
    }

    private Member join(Workload workload, KumaSourceBuilder source) {
        return opened(Member.join(workload, source.build()));
    }

    private void serveOrders(XdsTransport transport) throws Exception {
        for (Workload each : Workload.ORDERS) {
            opened(OrdersServer.start(join(each, mesh.source(each).transport(transport))));
        }
    }

    private Caller caller(Workload workload, XdsTransport transport) throws Exception {
        Member member = join(workload, mesh.source(workload).transport(transport));
        member.awaitReady();
        Caller caller = opened(new Caller(member));
        // The mesh settles in several pushes; before, the name is unknown.
        await().atMost(PATIENCE)
                .until(() -> member.mesh().snapshot().addresses().containsKey("orders.svc.mesh.local")
                        && member.mesh().snapshot().clusters().containsKey("shop_orders-v1__zone-1_msvc_18080"));
        return caller;
    }

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void identities_policies_routes_asRecorded(XdsTransport transport) throws Exception {
        serveOrders(transport);
        Caller web = caller(Workload.WEB, transport);
        HttpResponse<String> response = web.call();
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).endsWith(" for " + Workload.WEB.spiffeId());

        Caller legacy = caller(Workload.LEGACY, transport);
        assertThat(legacy.call().statusCode()).isEqualTo(403);
        mesh.legacyMayCall(true);
        await().atMost(PATIENCE).until(() -> legacy.call().statusCode() == 200);

        mesh.canary(0, 100);
        await().atMost(PATIENCE).until(() -> version(web.call()).equals("v2"));
        for (int i = 0; i < 20; i++) {
            assertThat(version(web.call())).isEqualTo("v2");
        }
        mesh.canary(100, 0);
        await().atMost(PATIENCE).until(() -> version(web.call()).equals("v1"));
        mesh.state(Workload.ORDERS.get(0), State.NOT_READY);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(instances(web, 10)).containsOnly("orders-2"));
        assertThat(web.member().mesh().status().error()).isNull();
    }

    private static String version(HttpResponse<String> response) {
        return response.headers().firstValue(OrdersApplication.VERSION).orElse("");
    }

    private static List<String> instances(Caller caller, int calls) throws Exception {
        List<String> instances = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            instances.add(caller.call()
                    .headers()
                    .firstValue(OrdersApplication.INSTANCE)
                    .orElse(""));
        }
        return instances;
    }

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void streams_areCutUnderLoad_noRequestFails(XdsTransport transport) throws Exception {
        serveOrders(transport);
        Caller web = caller(Workload.WEB, transport);
        assertThat(web.call().statusCode()).isEqualTo(200);
        try (Traffic traffic = new Traffic(web.client(), Caller.ORDER, 50, OrdersApplication.INSTANCE, List.of())) {
            traffic.start();
            for (int i = 0; i < 3; i++) {
                int before = ends(DiscoveryResponse.class) + ends(DeltaDiscoveryResponse.class);
                mesh.server().cutStreams();
                // Each stream gets a new certificate.
                await().atMost(PATIENCE)
                        .until(() -> ends(DiscoveryResponse.class) + ends(DeltaDiscoveryResponse.class) > before + 6);
            }
            traffic.finish();
            assertThat(traffic.total().count()).isPositive();
            assertThat(traffic.total().failures())
                    .as(traffic.total().lastTrouble())
                    .isZero();
        }
    }

    private int ends(Class<?> kind) {
        return (int) words.stream().filter(kind::isInstance).count();
    }

    @Test
    void serverWithoutIncremental_isAskedForStateOfTheWorld() throws Exception {
        mesh.server().withoutIncremental();
        serveOrders(XdsTransport.INCREMENTAL);
        assertThat(caller(Workload.WEB, XdsTransport.INCREMENTAL).call().statusCode())
                .isEqualTo(200);
        assertThat(ends(DiscoveryResponse.class)).isPositive();
    }

    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void redundantEndpoints_areNoNews(XdsTransport transport) throws Exception {
        Caller web = caller(Workload.WEB, transport);
        await().atMost(PATIENCE)
                .until(() -> web.member().mesh().snapshot().secrets().size() == 2);
        AtomicInteger endpoints = new AtomicInteger();
        mesh.server().observe(word -> {
            if ((word instanceof DiscoveryResponse all && all.getTypeUrl().equals(AdsClient.ENDPOINTS))
                    || (word instanceof DeltaDiscoveryResponse some
                            && some.getTypeUrl().equals(AdsClient.ENDPOINTS))) {
                endpoints.incrementAndGet();
            }
        });
        var before = web.member().mesh().snapshot().clusters().get("shop_orders-v1__zone-1_msvc_18080");
        mesh.server()
                .change(
                        Workload.WEB.nodeId(),
                        each -> each.change(
                                ResourceType.CLUSTER,
                                "shop_orders-v2__zone-1_msvc_18080",
                                Cluster.class,
                                cluster -> cluster.toBuilder()
                                        .setAltStatName("changed")
                                        .build()));
        await().atMost(PATIENCE).until(() -> endpoints.get() > 0);
        mesh.server()
                .change(
                        Workload.WEB.nodeId(),
                        each -> each.with(
                                ResourceType.ENDPOINTS,
                                "shop_web__zone-1_msvc_17080",
                                ClusterLoadAssignment.newBuilder()
                                        .setClusterName("shop_web__zone-1_msvc_17080")
                                        .build()));
        await().atMost(PATIENCE).until(() -> endpoints.get() > 1);
        assertThat(web.member().mesh().snapshot().clusters().get("shop_orders-v1__zone-1_msvc_18080"))
                .as("the very same, so that nothing that belongs to it begins anew")
                .isSameAs(before);
    }

    @Test
    void dataplaneComesWithTheStream_nodeIsHeldAfterIt_trafficGoesOn() throws Exception {
        serveOrders(XdsTransport.INCREMENTAL);
        Member web = join(Workload.WEB, mesh.source(Workload.WEB).register(Workload.WEB.dataplane()));
        web.awaitReady();
        Caller caller = opened(new Caller(web));
        await().atMost(PATIENCE).until(() -> caller.call().statusCode() == 200);
        long cut = System.nanoTime();
        mesh.server().cutStreams();
        await().atMost(PATIENCE).until(() -> !web.mesh().status().connected());
        await().atMost(PATIENCE).until(() -> {
            assertThat(caller.call().statusCode()).isEqualTo(200);
            return web.mesh().status().connected();
        });
        assertThat(Duration.ofNanos(System.nanoTime() - cut)).isGreaterThan(Duration.ofSeconds(2));
    }

    @Test
    void token_isReadAnewForEachStream() throws Exception {
        mesh.server().expectToken("eyJ.right");
        Path token = Files.writeString(folder.resolve("token"), "eyJ.wrong\n");
        Member web = join(Workload.WEB, mesh.source(Workload.WEB).token(token));
        await().atMost(PATIENCE)
                .until(() -> String.valueOf(web.mesh().status().error()).contains("authentication failed"));
        Files.writeString(token, "eyJ.right\n");
        web.awaitReady();
        assertThat(web.mesh().status().connected()).isTrue();
        assertThat(web.mesh().status().toString()).doesNotContain("eyJ");
    }

    @Test
    void secretsAreLate_callsWait_andNoneGoesInTheClear() throws Exception {
        serveOrders(XdsTransport.INCREMENTAL);
        Member web = join(Workload.WEB, mesh.source(Workload.WEB));
        Caller caller = opened(new Caller(web));
        await().atMost(PATIENCE).until(() -> caller.call().statusCode() == 200);
        // The inbound is permissive: what came in the clear would have been answered, for nobody.
        assertThat(caller.call().body()).endsWith(" for " + Workload.WEB.spiffeId());
    }

    @Test
    void anotherPin_isNotDialled() throws Exception {
        KumaSource source = KumaSource.builder()
                .controlPlane(mesh.server().address())
                .tls(tls -> tls.pinCertificate("00".repeat(32)))
                .mesh(ControlPlane.MESH)
                .dataplane("web-1")
                .build();
        Member web = opened(Member.join(Workload.WEB, source));
        await().atMost(PATIENCE).until(() -> web.mesh().status().error() != null);
        assertThat(web.mesh().status().connected()).isFalse();
        assertThat(words).as("not even the node was told").isEmpty();
    }
}
