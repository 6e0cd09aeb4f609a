package io.inmesh.http.envoy;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mesh TLS against Envoy: a client of Envoy's and one of this mesh, to ports of Envoy's and of this mesh's servers, all under the same resources. Whoever speaks with whom,
 * the answer is what it is between two Envoys.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(LeakWatch.class)
class MeshTlsProofTest {
    /**
     * Who is served.
     *
     * <p>The two lines that surprise: Envoy's SPIFFE validator looks at no revocation list, and a permissive port of Kuma's hands TLS of somebody outside of the mesh on to
     * HTTP without ending it.
     */
    private static final String TABLE = """
            situation                      | port       | ISTIO   | KUMA_AUTHORITY | KUMA_IDENTITY
            GOOD                           | STRICT     | served  | served         | served
            GOOD                           | PERMISSIVE | served  | served         | served
            GOOD                           | EXPIRED    | refused | refused        | refused
            GOOD                           | REVOKED    | refused | refused        | served
            UNEXPECTED_SERVER_NAME         | STRICT     | refused | refused        | refused
            UNEXPECTED_SERVER_NAME         | PERMISSIVE | refused | refused        | refused
            SERVER_OF_ANOTHER_ROOT         | STRICT     | refused | refused        | refused
            SERVER_OF_ANOTHER_ROOT         | PERMISSIVE | refused | refused        | refused
            CLIENT_OF_ANOTHER_ROOT         | STRICT     | refused | refused        | refused
            CLIENT_OF_ANOTHER_ROOT         | PERMISSIVE | refused | refused        | refused
            CLIENT_OF_ANOTHER_TRUST_DOMAIN | STRICT     | refused | refused        | refused
            CLIENT_OF_ANOTHER_TRUST_DOMAIN | PERMISSIVE | refused | refused        | refused
            CLIENT_EXPIRED                 | STRICT     | refused | refused        | refused
            CLIENT_EXPIRED                 | PERMISSIVE | refused | refused        | refused
            CLIENT_REVOKED                 | STRICT     | refused | refused        | served
            CLIENT_REVOKED                 | PERMISSIVE | refused | refused        | served
            CLIENT_WITHOUT_CERTIFICATE     | STRICT     | refused | refused        | refused
            CLIENT_WITHOUT_CERTIFICATE     | PERMISSIVE | refused | refused        | refused
            ORDINARY_ALPN                  | STRICT     | served  | served         | served
            ORDINARY_ALPN                  | PERMISSIVE | refused | refused        | refused
            PLAINTEXT                      | STRICT     | refused | refused        | refused
            PLAINTEXT                      | PERMISSIVE | served  | served         | served
            """;

    private @Nullable Scene scene;

    @BeforeAll
    void open() throws Exception {
        scene = new Scene(EnvoyProcess.binaryOrSkip());
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
            for (ClientShape client : ClientShape.values()) {
                for (int version = 1; version <= 2; version++) {
                    cells.add(Arguments.of(
                            Situation.valueOf(fields.get(0)),
                            ServerKind.valueOf(fields.get(1)),
                            client,
                            version,
                            fields.get(columns.indexOf(client.family.name())).equals("served")));
                }
            }
        }
        return cells.stream();
    }

    private static List<String> columns(String line) {
        return Stream.of(line.split("\\|", -1)).map(String::strip).toList();
    }

    @ParameterizedTest(name = "{0} to {1}, {2}, HTTP/{3}: served {4}")
    @MethodSource("cells")
    void request_betweenEnvoyAndTheMesh_isAnsweredAsBetweenTwoEnvoys(
            Situation situation, ServerKind port, ClientShape client, int version, boolean served) throws Exception {
        String reference = ask(false, SceneResources.ENVOY, situation, port, client, version);

        assertThat(reference.startsWith("200 "))
                .as("between two Envoys: %s", reference)
                .isEqualTo(served);
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(ask(true, SceneResources.ENVOY, situation, port, client, version))
                .as("the mesh to Envoy")
                .isEqualTo(reference);
        for (MeshServers server : MeshServers.values()) {
            if (!server.serves(situation, version)) {
                continue;
            }
            softly.assertThat(ask(false, server.host, situation, port, client, version))
                    .as("Envoy to %s", server)
                    .isEqualTo(reference);
            softly.assertThat(ask(true, server.host, situation, port, client, version))
                    .as("the mesh to %s", server)
                    .isEqualTo(reference);
        }
        softly.assertAll();
    }

    /** What each side says of the other: SNI as Envoy writes it, and the names of both certificates. */
    static Stream<Arguments> sights() {
        return Stream.of(
                Arguments.of(
                        ClientShape.ISTIO,
                        "outbound_.9080_._.reviews.default.svc.cluster.local",
                        "spiffe://cluster.local/ns/default/sa/web",
                        "By=spiffe://cluster.local/ns/default/sa/reviews;"),
                Arguments.of(
                        ClientShape.KUMA_AUTHORITY,
                        "aa37a23ac775842ef.orders.18080.default.ms",
                        "spiffe://default/web,kuma://kuma.io/service/web,kuma://version/v1",
                        "By=spiffe://default/orders;By=kuma://kuma.io/service/orders;"),
                // The port takes this server name only; in a header Envoy writes it so.
                Arguments.of(
                        ClientShape.KUMA_IDENTITY,
                        "invalid:orders_mesh_default_version_v1_",
                        "spiffe://shop.zone-1.mesh.local/workload/web",
                        "By=spiffe://shop.zone-1.mesh.local/workload/orders;"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sights")
    void request_ofTheMeshAndToIt_isSeenWithItsNames(ClientShape client, String serverName, String peer, String by)
            throws Exception {
        List<String> answers = new ArrayList<>();
        answers.add(ask(true, SceneResources.ENVOY, Situation.GOOD, ServerKind.STRICT, client, 2));
        for (MeshServers server : MeshServers.values()) {
            int version = server.serves(Situation.GOOD, 2) ? 2 : 1;
            answers.add(ask(false, server.host, Situation.GOOD, ServerKind.STRICT, client, version));
        }

        assertThat(answers).allSatisfy(answer -> assertThat(answer)
                .startsWith("200 - certificate=" + by)
                .contains(" peer=" + peer + " serverName=" + serverName + " "));
    }

    private String ask(
            boolean byMesh, String host, Situation situation, ServerKind port, ClientShape client, int version)
            throws Exception {
        HttpResponse<String> response = Objects.requireNonNull(scene)
                .ask(byMesh, SceneResources.clusterName(client, version, situation, port, host));
        return response.statusCode() + " "
                + response.headers().firstValue(SceneResources.FLAGS).orElse("-") + " " + response.body();
    }
}
