package io.inmesh.samples.kuma;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A federation: a global control plane, which has the mesh and its policies, and those of two zones, which have the Dataplanes.
 *
 * @param global the global one
 * @param one    of {@code zone-1}
 * @param two    of {@code zone-2}
 */
record LiveZones(LiveKuma global, LiveKuma one, LiveKuma two) implements AutoCloseable {
    static final String ZONE_ONE = KumaCp.ZONE;
    static final String ZONE_TWO = "zone-2";

    static LiveZones start() throws Exception {
        int port = KumaCp.freePort();
        Path certificate = folder();
        LiveKuma global = LiveKuma.start(
                certificate,
                Map.of("KUMA_MODE", "global", "KUMA_MULTIZONE_GLOBAL_KDS_GRPC_PORT", String.valueOf(port)));
        try {
            LiveKuma one = LiveKuma.start(folder(), zone(ZONE_ONE, port, global));
            try {
                return new LiveZones(global, one, LiveKuma.start(folder(), zone(ZONE_TWO, port, global)));
            } catch (Exception e) {
                one.close();
                throw e;
            }
        } catch (Exception e) {
            global.close();
            throw e;
        }
    }

    private static Map<String, String> zone(String name, int globalPort, LiveKuma global) {
        Map<String, String> settings = new HashMap<>(LiveKuma.NO_TOKENS);
        settings.put("KUMA_DP_SERVER_AUTHN_ZONE_PROXY_TYPE", "none");
        settings.put("KUMA_MULTIZONE_ZONE_NAME", name);
        settings.put("KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS", "grpcs://localhost:" + globalPort);
        settings.put(
                "KUMA_MULTIZONE_ZONE_KDS_ROOT_CA_FILE",
                global.process().certificate().toAbsolutePath().toString());
        return settings;
    }

    /** With a certificate that kuma-cp takes for its own: the one that it would make has no issuer, and the JDK cannot ask it for a bootstrap then. */
    private static Path folder() throws Exception {
        Instant now = Instant.now();
        X509Bundle certificate = new CertificateBuilder()
                .ecp256()
                .subject("CN=kuma-cp")
                .setIsCertificateAuthority(true)
                .addSanDnsName("localhost")
                .notBefore(now.minus(Duration.ofMinutes(1)))
                .notAfter(now.plus(Duration.ofDays(1)))
                .buildSelfSigned();
        Path folder = Files.createTempDirectory("kuma-cp");
        Files.writeString(folder.resolve("kuma-cp.crt"), certificate.getCertificatePEM());
        Files.writeString(folder.resolve("kuma-cp.key"), certificate.getPrivateKeyPEM());
        return folder;
    }

    @Override
    public void close() {
        one.close();
        two.close();
        global.close();
    }
}
