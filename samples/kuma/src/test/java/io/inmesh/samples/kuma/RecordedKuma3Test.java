package io.inmesh.samples.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.kuma.recorded.Authority;
import io.inmesh.samples.kuma.recorded.Habits;
import io.inmesh.samples.kuma.recorded.RecordedControlPlane;
import io.inmesh.samples.kuma.recorded.Recording;
import io.inmesh.xds.kuma.KumaSource;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.XdsTransport;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A recorded kuma-cp 3.0.0-dev on the wire, and a client and a server that it drives. {@link LiveWireIT} holds the real one to the same words. */
class RecordedKuma3Test extends WireCases {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration REFUSAL = Duration.ofSeconds(1);
    private static final String DOMAIN = "plain.zone-1.mesh.local";
    private static final Workload ORDERS = new Workload("orders-1", "orders", "v1", "127.0.4.2", true);

    private static RecordedControlPlane server;
    private static Authority authority;
    private static int nodes;

    @BeforeAll
    static void start() throws Exception {
        authority = new Authority(DOMAIN);
        server = new RecordedControlPlane(new Habits(REFUSAL, Duration.ofSeconds(10), Duration.ofMillis(50)));
        server.silentOnStateOfTheWorld();
        server.start();
        serve("plain.orders-1", "orders");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static void serve(String node, String workload) throws Exception {
        server.serve(node, Recording.of("kuma-3.0-dev", "outbounds/" + workload), () -> secrets(workload));
    }

    private static List<Secret> secrets(String workload) {
        try {
            return List.of(
                    authority.identity(
                            "kri_mid_plain_zone-1__identity_", "spiffe://" + DOMAIN + "/workload/" + workload),
                    authority.trustBundle("system_trust_bundle", DOMAIN));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    String address() {
        return server.address();
    }

    @Override
    String pin() throws Exception {
        return server.pin();
    }

    @Override
    Duration refusal() {
        return REFUSAL;
    }

    @Override
    boolean servesStateOfTheWorld() {
        return false;
    }

    @Override
    Node newNode() throws Exception {
        String id = "plain.web-" + ++nodes;
        serve(id, "web");
        return AdsClient.node(id);
    }

    @Override
    String unknownNodeId() {
        return "plain.nobody";
    }

    private static KumaSource source(String dataplane, XdsTransport transport) throws Exception {
        String pin = server.pin();
        AdsSettings usual = AdsSettings.DEFAULT;
        return KumaSource.builder()
                .controlPlane(server.address())
                .tls(tls -> tls.pinCertificate(pin))
                .mesh("plain")
                .dataplane(dataplane)
                .transport(transport)
                .settings(new AdsSettings(
                        Duration.ofSeconds(2),
                        usual.connectTimeout(),
                        usual.backoffBase(),
                        usual.backoffMax(),
                        usual.keepAlive(),
                        usual.keepAliveTimeout()))
                .build();
    }

    /** Asked for state of the world, it says nothing, and is asked incrementally then. */
    @ParameterizedTest
    @EnumSource(XdsTransport.class)
    void outboundsAndIdentities_asRecorded(XdsTransport transport) throws Exception {
        String web = newNode().getId().substring("plain.".length());
        try (Member orders = Member.join(ORDERS, source(ORDERS.name(), XdsTransport.INCREMENTAL));
                OrdersServer serving = OrdersServer.start(orders, new TestApplication(ORDERS.name()));
                Member member = Member.join(Workload.WEB, source(web, transport))) {
            assertThat(serving).isNotNull();
            MeshHttpClient client = MeshHttpClient.newBuilder(member.mesh())
                    .meshTls(member.tls())
                    .eventLoops(1)
                    .build();
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:10001/"))
                    .timeout(PATIENCE)
                    .build();
            try {
                await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                                client.send(request, BodyHandlers.ofString()).body())
                        .isEqualTo("spiffe://" + DOMAIN + "/workload/web"));
            } finally {
                client.shutdownNow();
            }
        }
    }
}
