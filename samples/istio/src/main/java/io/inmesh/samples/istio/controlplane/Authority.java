package io.inmesh.samples.istio.controlplane;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;

/**
 * The certificate authority of a local mesh: a root, and below it the authority that istiod signs with, as an installation with "plugged-in" certificates has them. It lives
 * as long as the control plane.
 */
public final class Authority {
    private static final Duration LIFE = Duration.ofDays(1);

    private final X509Bundle root;
    private final X509Bundle istiod;

    Authority() throws Exception {
        root = authority("O=inmesh sample, CN=root").buildSelfSigned();
        istiod = authority("O=inmesh sample, CN=istiod").buildIssuedBy(root);
    }

    /** The root that all trust. */
    public X509Bundle root() {
        return root;
    }

    /**
     * A certificate for a workload, as istiod would issue it, but for anybody and for any time: for callers that istiod does not know.
     *
     * @param spiffeId its only name
     */
    public X509Bundle workload(String spiffeId, Duration life) throws Exception {
        return certificate("O=inmesh sample", life)
                .addSanUriName(spiffeId)
                .addExtendedKeyUsageServerAuth()
                .addExtendedKeyUsageClientAuth()
                .buildIssuedBy(istiod);
    }

    X509Bundle server(String ipAddress) throws Exception {
        return certificate("CN=kube-apiserver", LIFE)
                .addSanIpAddress(ipAddress)
                .addExtendedKeyUsageServerAuth()
                .buildIssuedBy(root);
    }

    /** TLS that trusts the root and nothing else. */
    SSLContext trust() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, root.toTrustManagerFactory().getTrustManagers(), null);
        return context;
    }

    /** The files that istiod wants to find in {@code ROOT_CA_DIR}. */
    void writeFor(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("root-cert.pem"), root.getCertificatePEM());
        Files.writeString(folder.resolve("ca-cert.pem"), istiod.getCertificatePEM());
        Files.writeString(folder.resolve("ca-key.pem"), istiod.getPrivateKeyPEM());
        Files.writeString(folder.resolve("cert-chain.pem"), istiod.getCertificatePEM());
    }

    private static CertificateBuilder authority(String name) {
        return certificate(name, LIFE)
                .setIsCertificateAuthority(true)
                .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign);
    }

    private static CertificateBuilder certificate(String name, Duration life) {
        Instant now = Instant.now();
        return new CertificateBuilder()
                .ecp256()
                .subject(name)
                .notBefore(now.minus(Duration.ofMinutes(1)))
                .notAfter(now.plus(life));
    }
}
