package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.transport.TlsOptions;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Certificates and roots that change all the time, while requests go on. {@code -Dinmesh.soak.rotations=n} makes it longer. */
@Timeout(600)
@ExtendWith(LeakWatch.class)
class RotationSoakTest {
    private static final Logger log = LoggerFactory.getLogger(RotationSoakTest.class);
    private static final int ROTATIONS = Integer.getInteger("inmesh.soak.rotations", 200);
    private static final int REQUESTS_PER_SECOND = Integer.getInteger("inmesh.soak.rate", 2_000);
    private static final Duration DRAIN = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void rotations_ofLeafAndRootUnderLoad_loseNoRequest() throws Exception {
        TlsOptions options = TlsOptions.DEFAULT.withDrainPeriod(DRAIN);
        Authority authority = Authority.of("root-0");
        String clientsOnly = Configuration.rbac(
                "action: ALLOW, policies: {clients: {permissions: [{any: true}], principals: [{authenticated:"
                        + " {principal_name: {exact: '" + SecuredClient.NAME + "'}}}]}}");
        try (SecuredServer server = SecuredServer.start(
                        Configuration.server("", clientsOnly), options, authority.server(), authority.root());
                SecuredClient client =
                        new SecuredClient(server.port(), options, authority.client(), authority.root())) {
            long start = System.nanoTime();
            SteadyLoad load = new SteadyLoad(client.http, REQUESTS_PER_SECOND);
            try (load) {
                await().atMost(PATIENCE).until(() -> load.answered.get() > 100 && generations(server, client)[2] > 0);
                for (int i = 1; i <= ROTATIONS; i++) {
                    Authority next = Authority.of("root-" + i);
                    rotate(load, server, client, authority, next);
                    authority = next;
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            log.info(
                    "{} rotations in {} s, {} requests answered ({} a second), {} failed",
                    ROTATIONS,
                    Math.round(seconds * 10) / 10.0,
                    load.answered,
                    Math.round(load.answered.get() / seconds),
                    load.failed);
            assertThat(load.failures).isEmpty();
            assertThat(server.application.requests.get()).isEqualTo(load.answered.get());
            assertThat(server.chainTls().generation()).isGreaterThanOrEqualTo(3L * ROTATIONS);
        }
    }

    /** The new root is trusted before a certificate of it is shown, and the old one until none of it is. */
    private static void rotate(
            SteadyLoad load, SecuredServer server, SecuredClient client, Authority old, Authority next) {
        step(load, server, client, old, old.root(), next.root());
        step(load, server, client, next, old.root(), next.root());
        step(load, server, client, next, next.root());
    }

    private static void step(
            SteadyLoad load, SecuredServer server, SecuredClient client, Authority shown, X509Bundle... roots) {
        long[] before = generations(server, client);
        server.set(Configuration.own(shown.server()), Configuration.roots(roots));
        client.set(Configuration.own(shown.client()), Configuration.roots(roots));
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            long[] now = generations(server, client);
            return IntStream.range(0, now.length).allMatch(i -> now[i] > before[i]);
        });
        // Handshakes that began with the secrets of before end before the next step: those who overlap in earnest wait
        // for longer than a handshake lasts.
        for (int i = 0; i < 2; i++) {
            BooleanSupplier over = load.over();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(over::getAsBoolean);
        }
    }

    private static long[] generations(SecuredServer server, SecuredClient client) {
        return new long[] {
            server.chainTls().generation(),
            client.clusterTls("h1").generation(),
            client.clusterTls("h2").generation()
        };
    }

    /** A root, and the two whom it vouches for. */
    private record Authority(X509Bundle root, X509Bundle server, X509Bundle client) {
        static Authority of(String name) {
            X509Bundle root = TestSecrets.root(name);
            return new Authority(root, TestSecrets.identity(root, SecuredServer.NAME), SecuredClient.identity(root));
        }
    }
}
