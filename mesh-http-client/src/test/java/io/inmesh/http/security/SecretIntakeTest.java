package io.inmesh.http.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.http.server.RawClient;
import io.inmesh.http.testing.LeakWatch;
import io.inmesh.http.testing.TestSecrets;
import io.inmesh.transport.ServerTls;
import io.inmesh.transport.TlsOptions;
import io.inmesh.xds.testing.Resources;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that goes too far. */
@Timeout(180)
@ExtendWith(LeakWatch.class)
class SecretIntakeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final X509Bundle root = TestSecrets.root("mesh");
    private final X509Bundle own = TestSecrets.identity(root, SecuredServer.NAME);

    @Test
    void secret_thatNobodyAskedFor_isNotKept() throws Exception {
        try (SecuredServer server = SecuredServer.start(Configuration.server("", ""), root)) {
            ServerTls tls = server.chainTls();
            await().atMost(PATIENCE).until(() -> tls.generation() == 1);
            X509Bundle renewed = TestSecrets.identity(root, SecuredServer.NAME);
            server.set(
                    Configuration.own(renewed),
                    Configuration.roots(root),
                    Resources.certificate("stray", renewed.getCertificatePathPEM(), renewed.getPrivateKeyPEM()));

            await().atMost(PATIENCE).until(() -> tls.generation() == 2);
            assertThat(server.mesh.snapshot().secrets()).containsOnlyKeys("own", "roots");
            assertThat(server.mesh.status().toString()).doesNotContain("stray");
        }
    }

    @Test
    void file_behindALinkOutOfTheAllowedFolder_isNotRead(@TempDir Path folder) throws Exception {
        Path allowed = Files.createDirectories(folder.resolve("allowed"));
        Path roots = Files.writeString(folder.resolve("roots.pem"), root.getCertificatePEM());
        Path link = Files.createSymbolicLink(allowed.resolve("roots.pem"), roots);
        Path inside = Files.writeString(allowed.resolve("own-roots.pem"), root.getCertificatePEM());
        TlsOptions options =
                new TlsOptions(Set.of(allowed.toString()), Set.of(), TlsOptions.DEFAULT.drainPeriod(), false);
        try (SecuredServer server = SecuredServer.start(Configuration.server("", ""), options, own, root)) {
            Attacker peer = new Attacker(server.port(), SecuredClient.identity(root));
            server.set(Configuration.own(own), roots(inside));
            await().atMost(PATIENCE).until(() -> isServed(peer));

            for (Path bad : new Path[] {link, allowed.resolve("../roots.pem"), roots}) {
                server.set(Configuration.own(own), roots(bad));
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(server.chainTls().problem())
                                .contains(bad.toString())
                                .contains("may not be named by a control plane"));
            }
        }
    }

    private static Secret roots(Path file) {
        return Secret.newBuilder()
                .setName("roots")
                .setValidationContext(CertificateValidationContext.newBuilder()
                        .setTrustedCa(DataSource.newBuilder().setFilename(file.toString())))
                .build();
    }

    private static boolean isServed(Attacker peer) throws Exception {
        try (RawClient client = peer.http1()) {
            return client.send(Attacker.get("/")).response().status() == 200;
        } catch (IOException refused) {
            return false;
        }
    }
}
