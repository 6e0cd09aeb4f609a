package io.inmesh.samples.kuma;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.samples.kuma.recorded.Authority;
import io.inmesh.samples.kuma.recorded.Habits;
import io.inmesh.samples.kuma.recorded.RecordedControlPlane;
import io.inmesh.samples.kuma.recorded.Recording;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The recorded control plane says what a real one does. */
class RecordedWireTest extends WireCases {
    private static final Duration REFUSAL = Duration.ofSeconds(1);

    private static RecordedControlPlane server;
    private static Authority authority;
    private static int nodes;

    @BeforeAll
    static void start() throws Exception {
        authority = new Authority("default");
        server = new RecordedControlPlane(new Habits(REFUSAL, Duration.ofSeconds(10), Duration.ofMillis(50)));
        server.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
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
        return true;
    }

    @Override
    Node newNode() throws Exception {
        String id = "default.web-" + ++nodes;
        server.serve(id, Recording.of("builtin-ca/web"), RecordedWireTest::secrets);
        return AdsClient.node(id);
    }

    private static List<Secret> secrets() {
        try {
            return List.of(
                    authority.identity(
                            "identity_cert:secret:default", "spiffe://default/web", "kuma://kuma.io/service/web"),
                    authority.roots("mesh_ca:secret:default"));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    String unknownNodeId() {
        return "default.nobody";
    }
}
