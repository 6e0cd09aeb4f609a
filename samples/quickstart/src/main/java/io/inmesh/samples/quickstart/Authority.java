package io.inmesh.samples.quickstart;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A certificate authority for as long as the scene takes; its key and those that it makes are in memory only. */
final class Authority {
    private static final Duration LIFE = Duration.ofHours(1);

    private final X509Bundle root;
    private final AtomicLong serials = new AtomicLong();

    Authority(String name) throws Exception {
        root = certificate(name).setIsCertificateAuthority(true).buildSelfSigned();
    }

    /** A new key and a certificate with this SPIFFE id. */
    X509Bundle issue(String spiffeId) throws Exception {
        return certificate(spiffeId.substring(spiffeId.lastIndexOf('/') + 1))
                .serial(BigInteger.valueOf(serials.incrementAndGet()))
                .addSanUriName(spiffeId)
                .addExtendedKeyUsageServerAuth()
                .addExtendedKeyUsageClientAuth()
                .buildIssuedBy(root);
    }

    X509Bundle root() {
        return root;
    }

    /** How the scene calls a certificate: its issuer and its number there. */
    static String label(X509Certificate certificate) {
        return label(
                certificate.getIssuerX500Principal().getName(),
                certificate.getSerialNumber().toString(16));
    }

    /** The same, of what a server knows of its caller's. */
    static String label(String issuer, String hexSerial) {
        return issuer.replaceFirst("^CN=", "") + " #" + new BigInteger(hexSerial, 16);
    }

    private static CertificateBuilder certificate(String name) {
        Instant now = Instant.now();
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .notBefore(now.minus(Duration.ofMinutes(1)))
                .notAfter(now.plus(LIFE));
    }
}
