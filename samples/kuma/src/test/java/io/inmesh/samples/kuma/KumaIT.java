package io.inmesh.samples.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inmesh.http.MeshHttpClient;
import io.inmesh.samples.stage.OpenParts;
import io.inmesh.samples.stage.Traffic;
import io.inmesh.xds.kuma.KumaDataplane;
import io.inmesh.xds.kuma.KumaDataplane.Backend;
import io.inmesh.xds.kuma.KumaDataplane.Inbound;
import io.inmesh.xds.kuma.KumaDataplane.Outbound;
import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.kuma.KumaRegistration;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.XdsTransport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clients and servers that a real kuma-cp drives. Each test has a mesh of its own in the one kuma-cp. */
@EnabledIfEnvironmentVariable(named = LiveKuma.VARIABLE, matches = ".+")
class KumaIT {
    private static final Logger log = LoggerFactory.getLogger(KumaIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    /** Of this process: another one on this machine may run the same tests. */
    private static final String NETWORK = "127.%d.%d."
            .formatted(
                    1 + ProcessHandle.current().pid() / 256 % 250,
                    ProcessHandle.current().pid() % 256);

    private static final String SERVER = NETWORK + 2;
    private static final String SECOND = NETWORK + 3;
    private static final String CLIENT = NETWORK + 9;
    /** Understood by 2.14 and 3.0; Kuma 3 takes no names there. */
    private static final String ORDERS_BY_LABEL =
            "{\"kind\":\"MeshService\",\"labels\":{\"kuma.io/display-name\":\"orders\"}}";

    private static LiveKuma kuma;
    private static int meshes;

    private final OpenParts open = new OpenParts();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        kuma = LiveKuma.start(LiveKuma.NO_TOKENS);
        log.warn("kuma-cp {}", kuma.process().version());
    }

    @AfterAll
    static void stop() {
        kuma.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        open.close();
    }

    private <T extends AutoCloseable> T opened(T part) {
        return open.add(part);
    }

    private static String newMesh() {
        return "m" + ++meshes;
    }

    private static KumaDataplane.Builder dataplane(String mesh, String name, String service, String address) {
        return KumaDataplane.builder(mesh, name, address).workload(service).tag("kuma.io/service", service);
    }

    private static KumaDataplane orders(String mesh, String name, String address) {
        return dataplane(mesh, name, "orders", address)
                .inbound(new Inbound(Workload.PORT, "http", "http"))
                .build();
    }

    private static KumaDataplane web(String mesh) {
        return dataplane(mesh, "web-1", "web", CLIENT).build();
    }

    /** Puts an instance of orders there, and starts it. */
    private Member serve(String mesh, String name, String address, XdsTransport transport) throws Exception {
        kuma.dataplane(orders(mesh, name, address));
        Member member = opened(Member.join(
                new Workload(name, "orders", "v1", address, true),
                kuma.source(mesh, name).transport(transport).build()));
        opened(OrdersServer.start(member, new TestApplication(name)));
        return member;
    }

    private HttpClient client(String mesh, XdsTransport transport) throws Exception {
        kuma.dataplane(web(mesh));
        return client(Member.join(
                Workload.WEB, kuma.source(mesh, "web-1").transport(transport).build()));
    }

    private HttpClient client(Member unready) throws Exception {
        Member member = opened(unready);
        member.awaitReady();
        MeshHttpClient client = MeshHttpClient.newBuilder(member.mesh())
                .meshTls(member.tls())
                .eventLoops(1)
                .build();
        open.add(client::shutdownNow);
        return client;
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws IOException, InterruptedException {
        return client.send(request(url), BodyHandlers.ofString());
    }

    private static HttpRequest request(String url) {
        return HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(20))
                .build();
    }

    private static void awaitStatus(HttpClient client, String url, int status) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(get(client, url).statusCode()).isEqualTo(status));
    }

    @ParameterizedTest
    @CsvSource({
        "INCREMENTAL, builtin",
        "STATE_OF_THE_WORLD, builtin",
        "INCREMENTAL, identity",
        "STATE_OF_THE_WORLD, identity"
    })
    void meshService_byHostName_withIdentities(XdsTransport transport, String ca) throws Exception {
        assumeTrue(
                !kuma.isKuma3() || (ca.equals("identity") && transport == XdsTransport.INCREMENTAL),
                "Kuma 3 has neither a CA of the mesh's nor state of the world: see kuma3_...");
        String mesh = newMesh();
        boolean builtin = ca.equals("builtin");
        if (builtin) {
            kuma.builtinMesh(mesh, "Exclusive");
        } else {
            kuma.identityMesh(mesh);
        }
        serve(mesh, "orders-1", SERVER, transport);
        HttpClient web = client(mesh, transport);
        awaitStatus(web, ControlPlane.ORDERS, 200);
        String expected = builtin
                ? "spiffe://" + mesh + "/web"
                : "spiffe://" + mesh + "." + KumaCp.ZONE + ".mesh.local/workload/web";
        // Before it has identities kuma-cp lets all speak in the clear.
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(get(web, ControlPlane.ORDERS).body()).isEqualTo(expected));
    }

    @ParameterizedTest
    @CsvSource({"INCREMENTAL", "STATE_OF_THE_WORLD"})
    void service_byTagOnly(XdsTransport transport) throws Exception {
        assumeFalse(kuma.isKuma3(), "Kuma 3 has no tags: see kuma3_whatIsKuma2s_isTakenAndLeftOut");
        String mesh = newMesh();
        kuma.builtinMesh(mesh, "Disabled");
        serve(mesh, "orders-1", SERVER, transport);
        HttpClient web = client(mesh, transport);
        // The server name is orders{mesh=...}, which no JDK server takes.
        awaitStatus(web, "http://orders.mesh", 200);
        assertThat(get(web, "http://orders.mesh:80/").body()).isEqualTo("spiffe://" + mesh + "/web");
    }

    @Test
    void explicitOutbound_withoutHostNames() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        kuma.awaitService(mesh, "orders");
        kuma.dataplane(dataplane(mesh, "web-1", "web", CLIENT)
                .outbound(Outbound.to(10001, Backend.meshService("orders", Workload.PORT)))
                .build());
        HttpClient web =
                client(Member.join(Workload.WEB, kuma.source(mesh, "web-1").build()));
        awaitStatus(web, "http://127.0.0.1:10001/", 200);
    }

    @Test
    void meshTrafficPermission_refuses_and_allows() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        HttpClient web = client(mesh, XdsTransport.INCREMENTAL);
        awaitStatus(web, ControlPlane.ORDERS, 200);
        kuma.permission(mesh, "deny");
        awaitStatus(web, ControlPlane.ORDERS, 403);
        kuma.permission(mesh, "allow");
        awaitStatus(web, ControlPlane.ORDERS, 200);
    }

    @Test
    void meshTls_permissive_letsPlaintextIn_strictDoesNot() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        HttpClient stranger =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        String direct = "http://" + SERVER + ":" + Workload.PORT + "/";
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(answer(stranger, direct)).isEqualTo("closed"));
        kuma.policy(
                mesh,
                "meshtlses",
                "MeshTLS",
                "permissive",
                "\"targetRef\":{\"kind\":\"Mesh\"},\"rules\":[{\"default\":{\"mode\":\"Permissive\"}}]");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(answer(stranger, direct)).isEqualTo("nobody"));
        kuma.rest().delete("meshes/" + mesh + "/meshtlses/permissive");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(answer(stranger, direct)).isEqualTo("closed"));
    }

    private static String answer(HttpClient client, String url) throws InterruptedException {
        try {
            return get(client, url).body();
        } catch (IOException e) {
            return "closed";
        }
    }

    @Test
    void meshHttpRoute_meshTimeout_meshRetry_meshCircuitBreaker() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        serve(mesh, "orders-2", SECOND, XdsTransport.INCREMENTAL);
        HttpClient web = client(mesh, XdsTransport.INCREMENTAL);
        awaitStatus(web, ControlPlane.ORDERS + "/slow/1500", 200);
        String to = "\"targetRef\":{\"kind\":\"Mesh\"},\"to\":[{\"targetRef\":" + ORDERS_BY_LABEL + ",";

        kuma.policy(
                mesh,
                "meshtimeouts",
                "MeshTimeout",
                "short",
                to + "\"default\":{\"http\":{\"requestTimeout\":\"1s\"}}}]");
        awaitStatus(web, ControlPlane.ORDERS + "/slow/1500", 504);
        awaitStatus(web, ControlPlane.ORDERS + "/slow/100", 200);
        kuma.rest().delete("meshes/" + mesh + "/meshtimeouts/short");
        awaitStatus(web, ControlPlane.ORDERS + "/slow/1500", 200);

        kuma.policy(
                mesh,
                "meshretries",
                "MeshRetry",
                "none",
                to + "\"default\":{\"http\":{\"numRetries\":1,\"retryOn\":[\"ConnectFailure\"]}}}]");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(statuses(web, ControlPlane.ORDERS + "/flaky", 12))
                .contains(503));
        kuma.policy(
                mesh,
                "meshretries",
                "MeshRetry",
                "none",
                to + "\"default\":{\"http\":{\"numRetries\":5,\"retryOn\":[\"5xx\"]}}}]");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(statuses(web, ControlPlane.ORDERS + "/flaky", 12))
                .containsOnly(200));

        kuma.policy(
                mesh,
                "meshcircuitbreakers",
                "MeshCircuitBreaker",
                "narrow",
                to + "\"default\":{\"connectionLimits\":{\"maxRequests\":1,\"maxPendingRequests\":1}}}]");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(atOnce(web, ControlPlane.ORDERS + "/slow/300", 6))
                .contains(503)
                .contains(200));
        kuma.rest().delete("meshes/" + mesh + "/meshcircuitbreakers/narrow");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(atOnce(web, ControlPlane.ORDERS + "/slow/300", 6))
                .containsOnly(200));

        kuma.policy(
                mesh,
                "meshhttproutes",
                "MeshHTTPRoute",
                "redirect",
                to
                        + "\"rules\":[{\"matches\":[{\"path\":{\"type\":\"PathPrefix\",\"value\":\"/old\"}}],\"default\":{\"filters\":["
                        + "{\"type\":\"RequestRedirect\",\"requestRedirect\":{\"statusCode\":302,\"hostname\":\"new.example\"}}]}}]}]");
        awaitStatus(web, ControlPlane.ORDERS + "/old", 302);
        awaitStatus(web, ControlPlane.ORDERS + "/other", 200);
    }

    @Test
    void meshHttpRoute_toABackendThatIsNotThere() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        HttpClient web = client(mesh, XdsTransport.INCREMENTAL);
        awaitStatus(web, ControlPlane.ORDERS + "/lost", 200);
        kuma.policy(
                mesh,
                "meshhttproutes",
                "MeshHTTPRoute",
                "lost",
                "\"targetRef\":{\"kind\":\"Mesh\"},\"to\":[{\"targetRef\":" + ORDERS_BY_LABEL
                        + ",\"rules\":[{\"matches\":[{\"path\":{\"type\":\"PathPrefix\",\"value\":\"/lost\"}}],\"default\":{\"backendRefs\":["
                        + "{\"kind\":\"MeshService\",\"labels\":{\"kuma.io/display-name\":\"nobody\"},\"port\":18080}]}},"
                        + "{\"matches\":[{\"path\":{\"type\":\"PathPrefix\",\"value\":\"/old\"}}],\"default\":{\"filters\":["
                        + "{\"type\":\"RequestRedirect\",\"requestRedirect\":{\"statusCode\":302,\"hostname\":\"new.example\"}}]}}]}]");
        awaitStatus(web, ControlPlane.ORDERS + "/old", 302); // the policy is in force
        assertThat(get(web, ControlPlane.ORDERS + "/lost").statusCode()).isEqualTo(kuma.isKuma3() ? 500 : 200);
        assertThat(get(web, ControlPlane.ORDERS + "/other").statusCode()).isEqualTo(200);
    }

    private static List<Integer> statuses(HttpClient client, String url, int calls) throws Exception {
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            statuses.add(get(client, url).statusCode());
        }
        return statuses;
    }

    private static List<Integer> atOnce(HttpClient client, String url, int calls) {
        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            all.add(client.sendAsync(request(url), BodyHandlers.ofString()));
        }
        return all.stream().map(each -> each.join().statusCode()).toList();
    }

    @Test
    void registration_notReady_isNoEndpoint() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        try (KumaRegistration second =
                kuma.rest().register(orders(mesh, "orders-2", SECOND).in(State.NOT_READY))) {
            Member member = opened(Member.join(
                    new Workload("orders-2", "orders", "v1", SECOND, true),
                    kuma.source(mesh, "orders-2").build()));
            opened(OrdersServer.start(member, new TestApplication("orders-2")));
            HttpClient web = client(mesh, XdsTransport.INCREMENTAL);
            awaitStatus(web, ControlPlane.ORDERS, 200);
            assertThat(instances(web)).containsOnly("orders-1");
            second.ready(true);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(instances(web)).contains("orders-2"));
            second.ready(false);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(instances(web)).containsOnly("orders-1"));
        }
    }

    private static List<String> instances(HttpClient client) throws Exception {
        List<String> instances = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            instances.add(get(client, ControlPlane.ORDERS)
                    .headers()
                    .firstValue(OrdersApplication.INSTANCE)
                    .orElse(""));
        }
        return instances;
    }

    @Test
    void dataplaneComesWithTheStream_isGoneAfterIt_andNodeIsHeld() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        Member first = Member.join(
                Workload.WEB, kuma.source(mesh, "web-1").register(web(mesh)).build());
        awaitStatus(client(first), ControlPlane.ORDERS, 200);
        long closed = System.nanoTime();
        first.close();
        Member again = Member.join(
                Workload.WEB, kuma.source(mesh, "web-1").register(web(mesh)).build());
        await().atMost(PATIENCE)
                .until(() -> String.valueOf(again.mesh().status().error()).contains("already an active stream"));
        awaitStatus(client(again), ControlPlane.ORDERS, 200);
        log.warn("a node was held for {} s", String.format(Locale.ROOT, "%.1f", (System.nanoTime() - closed) / 1e9));
    }

    @Test
    void token_wrongThenRight_isReadAnew() throws Exception {
        try (LiveKuma guarded = LiveKuma.start(Map.of())) {
            guarded.mesh("default");
            guarded.dataplane(web("default"));
            Path token = Files.writeString(folder.resolve("token"), "none");
            Member web = opened(Member.join(
                    Workload.WEB,
                    guarded.source("default", "web-1").token(token).build()));
            await().atMost(PATIENCE)
                    .until(() -> String.valueOf(web.mesh().status().error()).contains("authentication failed"));
            log.warn("a wrong token: {}", web.mesh().status().error());
            if (guarded.isKuma3()) {
                // A MeshIdentity names workloads, and so must the token.
                Files.writeString(token, token(guarded, ""));
                await().atMost(PATIENCE)
                        .until(() -> String.valueOf(web.mesh().status().error()).contains("workload"));
                log.warn("a token without a workload: {}", web.mesh().status().error());
            }
            Files.writeString(token, token(guarded, "\"workload\":\"web\","));
            web.awaitReady();
            assertThat(web.mesh().status().connected()).isTrue();
        }
    }

    private static String token(LiveKuma guarded, String workload) throws Exception {
        return guarded.rest()
                .post(
                        "tokens/dataplane",
                        "{\"mesh\":\"default\",\"name\":\"web-1\"," + workload
                                + "\"type\":\"dataplane\",\"validFor\":\"1h\"}");
    }

    /** What an operator sees in kuma-cp's own lists. */
    @Test
    void overview_saysThatEverythingIsAcknowledged_andVersionsGoTogether() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        HttpClient web = client(mesh, XdsTransport.INCREMENTAL);
        awaitStatus(web, ControlPlane.ORDERS, 200);
        for (String dataplane : List.of("orders-1", "web-1")) {
            // kuma-cp writes it down every ten seconds.
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                            kuma.rest().get("meshes/" + mesh + "/dataplanes/" + dataplane + "/_overview"))
                    .containsPattern("\"lds\": \\{\\s*\"responsesSent\"")
                    .containsPattern("\"sds\"|\"total\": \\{[^}]*\"responsesAcknowledged\"")
                    .contains("\"kumaCpCompatible\": true", "\"kumaDpCompatible\": true")
                    .doesNotContain("responsesRejected"));
        }
    }

    /** What Kuma 3 has left out of Kuma 2 without a word: the tags, the mesh's own CA, and with it all TLS. */
    @Test
    void kuma3_whatIsKuma2s_isTakenAndLeftOut() throws Exception {
        assumeTrue(kuma.isKuma3(), "Kuma 2 means what it takes");
        String mesh = newMesh();
        List<String> warnings = kuma.rest()
                .put(
                        "meshes/" + mesh,
                        "{\"type\":\"Mesh\",\"name\":\"" + mesh
                                + "\",\"mtls\":{\"enabledBackend\":\"ca-1\",\"backends\":[{\"name\":\"ca-1\",\"type\":\"builtin\"}]}}");
        assertThat(warnings).isEmpty();
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        HttpClient web = client(mesh, XdsTransport.INCREMENTAL);
        awaitStatus(web, ControlPlane.ORDERS, 200);
        assertThat(get(web, ControlPlane.ORDERS).body()).as("in the clear").isEqualTo("nobody");
        assertThat(
                        kuma.rest()
                                .put(
                                        "meshes/" + mesh + "/meshservices/tagged",
                                        "{\"type\":\"MeshService\",\"mesh\":\"" + mesh
                                                + "\",\"name\":\"tagged\",\"spec\":{\"selector\":{\"dataplaneTags\":{\"kuma.io/service\":\"orders\"}},"
                                                + "\"ports\":[{\"port\":18080,\"targetPort\":18080,\"appProtocol\":\"http\"}]}}"))
                .singleElement()
                .asString()
                .contains("no selector");
        assertThat(kuma.rest().get("meshes/" + mesh + "/dataplanes/orders-1")).doesNotContain("kuma.io/service");
    }

    @Test
    void kuma3_stateOfTheWorld_isSilence_afterWhichItIsAskedIncrementally() throws Exception {
        assumeTrue(kuma.isKuma3(), "Kuma 2 serves state of the world");
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        kuma.dataplane(web(mesh));
        AdsSettings usual = AdsSettings.DEFAULT;
        HttpClient web = client(Member.join(
                Workload.WEB,
                kuma.source(mesh, "web-1")
                        .transport(XdsTransport.STATE_OF_THE_WORLD)
                        .settings(new AdsSettings(
                                Duration.ofSeconds(3),
                                usual.connectTimeout(),
                                usual.backoffBase(),
                                usual.backoffMax(),
                                usual.keepAlive(),
                                usual.keepAliveTimeout()))
                        .build()));
        awaitStatus(web, ControlPlane.ORDERS, 200);
    }

    @Test
    void missingDataplane_isNamed_inKumasOwnWords() throws Exception {
        Member nobody = opened(
                Member.join(Workload.WEB, kuma.source("default", "nobody").build()));
        await().atMost(PATIENCE).until(() -> nobody.mesh().status().error() != null);
        assertThat(nobody.mesh().status().error())
                .contains("resource \"default.nobody\" not found; create a Dataplane in Kuma CP first");
    }

    @Test
    void policyChanges_takeEffectWithinSeconds() throws Exception {
        String mesh = newMesh();
        kuma.mesh(mesh);
        serve(mesh, "orders-1", SERVER, XdsTransport.INCREMENTAL);
        HttpClient web = client(mesh, XdsTransport.INCREMENTAL);
        awaitStatus(web, ControlPlane.ORDERS, 200);
        long[] millis = new long[20];
        for (int i = 0; i < millis.length; i++) {
            boolean deny = i % 2 == 0;
            long put = System.nanoTime();
            kuma.permission(mesh, deny ? "deny" : "allow");
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> get(web, ControlPlane.ORDERS).statusCode() == (deny ? 403 : 200));
            millis[i] = (System.nanoTime() - put) / 1_000_000;
        }
        Arrays.sort(millis);
        log.warn(
                "from PUT to effect, {} changes of a MeshTrafficPermission: {} ms at least, {} ms at the median, {} ms"
                        + " at most",
                millis.length,
                millis[0],
                millis[millis.length / 2],
                millis[millis.length - 1]);
        // kuma-cp looks at its store once a second, behind a cache of one second. The fastest: others may have waited
        // for the machine.
        assertThat(millis[0]).isLessThan(3000);
    }

    @Test
    void kumaCp_isKilledAndStartedAgain_underLoad_noRequestFails() throws Exception {
        try (LiveControlPlane controlPlane = LiveControlPlane.start(LiveKuma.binary(), folder)) {
            for (Workload each : Workload.ORDERS) {
                opened(OrdersServer.start(opened(Member.join(each, controlPlane))));
            }
            Member member = opened(Member.join(Workload.WEB, controlPlane));
            member.awaitReady();
            Caller web = opened(new Caller(member));
            await().atMost(PATIENCE).until(() -> web.call().statusCode() == 200);
            try (Traffic traffic =
                    new Traffic(web.client(), Caller.ORDER, 100, OrdersApplication.INSTANCE, List.of())) {
                traffic.start();
                traffic.second();
                controlPlane.outage(() -> {
                    for (int i = 0; i < 5; i++) {
                        traffic.second();
                    }
                });
                await().atMost(PATIENCE).until(() -> member.mesh().status().connected());
                for (int i = 0; i < 5; i++) {
                    traffic.second();
                }
                traffic.finish();
                log.warn(
                        "kuma-cp killed and started again: {} requests, {} failed",
                        traffic.total().count(),
                        traffic.total().failures());
                assertThat(traffic.total().failures())
                        .as(traffic.total().lastTrouble())
                        .isZero();
            }
        }
    }
}
