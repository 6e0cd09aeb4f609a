package io.inmesh.http.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.envoy.Sidecar.Caller;
import io.inmesh.http.testing.HttpTestServer;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.xds.envoy.EnvoyProcess;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Peers of which one is a sidecar and the other this mesh, under what istiod 1.31 and kuma-cp 2.14 have sent to workloads. Whoever speaks with whom, the answer is what it is
 * between two sidecars.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(LeakWatch.class)
class MixedPeersTest {
    /** What two Envoys say. */
    private static final String TABLE = """
            server           | FRIEND | OTHER | PLAINTEXT
            ISTIO_STRICT     | 200    | 403   | 503
            ISTIO_PERMISSIVE | 200    | 403   | 403
            ISTIO_ANY_PORT   | 200    | 403   | 503
            KUMA_STRICT      | 200    | 200   | 503
            KUMA_PERMISSIVE  | 200    | 200   | 200
            """;

    private @Nullable SidecarScene scene;

    @BeforeAll
    void open() throws Exception {
        scene = new SidecarScene(EnvoyProcess.binaryOrSkip());
    }

    @AfterAll
    void close() {
        if (scene != null) {
            scene.close();
        }
    }

    static Stream<Arguments> cells() {
        List<Arguments> cells = new ArrayList<>();
        List<String> lines = TABLE.lines().toList();
        List<String> columns = columns(lines.get(0));
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = columns(line);
            for (Caller caller : Caller.values()) {
                for (int version = 1; version <= 2; version++) {
                    cells.add(Arguments.of(
                            Sidecar.valueOf(fields.get(0)),
                            caller,
                            version,
                            Integer.parseInt(fields.get(columns.indexOf(caller.name())))));
                }
            }
        }
        return cells.stream();
    }

    private static List<String> columns(String line) {
        return Stream.of(line.split("\\|", -1)).map(String::strip).toList();
    }

    @ParameterizedTest(name = "{1} to {0}, HTTP/{2}: {3}")
    @MethodSource("cells")
    void request_betweenASidecarAndTheMesh_isAnsweredAsBetweenTwoSidecars(
            Sidecar sidecar, Caller caller, int version, int status) throws Exception {
        String reference = ask(false, sidecar, caller, version, SceneResources.ENVOY);

        assertThat(reference).as("between two sidecars").startsWith(status + " ");
        assertThat(reference.contains("peer=spiffe"))
                .as("mutual TLS, as the application is told: %s", reference)
                .isEqualTo(status == 200 && caller != Caller.PLAINTEXT);
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(ask(true, sidecar, caller, version, SceneResources.ENVOY))
                .as("the mesh to a sidecar")
                .isEqualTo(reference);
        for (MeshServers server : MeshServers.values()) {
            Situation situation = caller == Caller.PLAINTEXT ? Situation.PLAINTEXT : Situation.GOOD;
            if (!server.serves(situation, version)) {
                continue;
            }
            softly.assertThat(ask(false, sidecar, caller, version, server.host))
                    .as("a sidecar to %s", server)
                    .isEqualTo(reference);
            softly.assertThat(ask(true, sidecar, caller, version, server.host))
                    .as("the mesh to %s", server)
                    .isEqualTo(reference);
        }
        softly.assertAll();
    }

    /** Who a caller is: SNI in its mesh's form, its certificate, and {@code x-forwarded-client-cert} in which nothing of the application's own is left. */
    static Stream<Arguments> callers() {
        return Stream.of(
                Arguments.of(
                        Sidecar.ISTIO_STRICT,
                        "outbound_.9080_._.reviews.default.svc.cluster.local",
                        "By=spiffe://cluster.local/ns/default/sa/reviews;Hash=[0-9a-f]{64};Subject=\"O=Inmesh,CN=workload\";"
                                + "URI=spiffe://cluster.local/ns/default/sa/web"),
                Arguments.of(
                        Sidecar.ISTIO_PERMISSIVE,
                        "outbound_.9090_._.reviews.default.svc.cluster.local",
                        "By=spiffe://cluster.local/ns/default/sa/reviews;Hash=[0-9a-f]{64};Subject=\"O=Inmesh,CN=workload\";"
                                + "URI=spiffe://cluster.local/ns/default/sa/web"),
                Arguments.of(
                        Sidecar.KUMA_STRICT,
                        "add27113f6ca4edc8.web.17080.default.ms",
                        "By=spiffe://default/web;By=kuma://kuma.io/service/web;By=kuma://version/v1;Hash=[0-9a-f]{64};"
                                + "URI=spiffe://default/web;URI=kuma://kuma.io/service/web;URI=kuma://version/v1"),
                Arguments.of(
                        Sidecar.KUMA_PERMISSIVE,
                        "sni.msvc.shop.zone-1.web.http",
                        "By=spiffe://shop.zone-1.mesh.local/workload/web;Hash=[0-9a-f]{64};"
                                + "URI=spiffe://shop.zone-1.mesh.local/workload/web"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("callers")
    void caller_isSeenAsItsSidecarWouldBe(Sidecar sidecar, String serverName, String certificate) throws Exception {
        List<String> answers = new ArrayList<>();
        for (int version = 1; version <= 2; version++) {
            answers.add(ask(true, sidecar, Caller.FRIEND, version, SceneResources.ENVOY));
            answers.add(ask(false, sidecar, Caller.FRIEND, version, MeshServers.NETTY.host));
        }

        assertThat(answers).allSatisfy(answer -> assertThat(answer)
                .matches("200 - certificate=" + certificate + " peer=\\S+ serverName=\\S+ tls=TLSv1.[23]")
                .contains(" serverName=" + serverName + " "));
    }

    /** What {@code istio.alpn} is for: with what the cluster alone says, a client is taken for TCP where a port may be either. */
    @Test
    void client_withoutTheFilterOfAlpn_isTakenForTcp() throws Exception {
        HttpResponse<String> response = Objects.requireNonNull(scene)
                .askByKumasListener(Sidecar.ISTIO_ANY_PORT, Caller.FRIEND, 1, SceneResources.ENVOY, "/api/x");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
    }

    /** The metadata exchange of Istio's clients: sent, though nobody in this table reads it, and not to peers of a mesh that has no such filter. */
    @Test
    void client_tellsPeersOfIstioWhoItIs() throws Exception {
        SidecarScene running = Objects.requireNonNull(scene);
        ask(true, Sidecar.ISTIO_STRICT, Caller.FRIEND, 2, SceneResources.ENVOY);
        HttpTestServer.Request istio = running.lastRequest();
        ask(true, Sidecar.KUMA_STRICT, Caller.FRIEND, 2, SceneResources.ENVOY);
        HttpTestServer.Request kuma = running.lastRequest();

        assertThat(istio.header("x-envoy-peer-metadata-id")).isEqualTo(SidecarScene.NODE);
        assertThat(istio.header("x-envoy-peer-metadata")).isNotEmpty();
        assertThat(kuma.header("x-envoy-peer-metadata-id")).isNull();
    }

    /** A caller that has told who it is, by way of an Envoy that takes no part in it: each server of this mesh answers, and a port of Kuma's does not. */
    @Test
    void server_answersACallerThatHasToldWhoItIs() throws Exception {
        SidecarScene running = Objects.requireNonNull(scene);
        for (MeshServers server : MeshServers.values()) {
            HttpResponse<String> told = running.tell(Sidecar.ISTIO_STRICT, server.host, "anything");
            HttpResponse<String> untold =
                    running.ask(false, Sidecar.ISTIO_STRICT, Caller.FRIEND, 1, server.host, "/api/x");
            HttpResponse<String> kuma = running.tell(Sidecar.KUMA_STRICT, server.host, "anything");

            assertThat(told.headers().firstValue("x-envoy-peer-metadata-id")).hasValue(SidecarScene.NODE);
            assertThat(told.headers().firstValue("x-envoy-peer-metadata")).isNotEmpty();
            assertThat(untold.headers().map()).doesNotContainKeys("x-envoy-peer-metadata-id", "x-envoy-peer-metadata");
            assertThat(kuma.headers().map()).doesNotContainKeys("x-envoy-peer-metadata-id", "x-envoy-peer-metadata");
        }
    }

    /** A client of this mesh takes the answer off, so that its application sees nothing of it. */
    @Test
    void client_takesTheAnswerOff() throws Exception {
        HttpResponse<String> response = Objects.requireNonNull(scene)
                .ask(true, Sidecar.ISTIO_STRICT, Caller.FRIEND, 1, MeshServers.NETTY.host, "/api/x");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().map()).doesNotContainKeys("x-envoy-peer-metadata", "x-envoy-peer-metadata-id");
    }

    private String ask(boolean byMesh, Sidecar sidecar, Caller caller, int version, String host) throws Exception {
        HttpResponse<String> response =
                Objects.requireNonNull(scene).ask(byMesh, sidecar, caller, version, host, "/api/x");
        return response.statusCode() + " "
                + response.headers().firstValue(SceneResources.FLAGS).orElse("-") + " " + response.body();
    }
}
