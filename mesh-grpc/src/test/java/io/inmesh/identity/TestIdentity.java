package io.inmesh.identity;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.security.PublicKey;
import java.time.Instant;

/** An authority for tests, and the certificates that it signs. */
public final class TestIdentity {
    public static final String WEB = "spiffe://cluster.local/ns/default/sa/web";

    private TestIdentity() {}

    public static X509Bundle root(String name) {
        return built(() -> new CertificateBuilder()
                .ecp256()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned());
    }

    static X509Bundle workload(X509Bundle root, CertificateBuilder.Algorithm algorithm) {
        return built(() -> new CertificateBuilder()
                .algorithm(algorithm)
                .subject("CN=web")
                .addSanUriName(URI.create(WEB))
                .buildIssuedBy(root));
    }

    public static X509Bundle workload(X509Bundle root) {
        return workload(root, CertificateBuilder.Algorithm.ecp256);
    }

    /** Signs another's key. */
    static X509Bundle sign(X509Bundle root, PublicKey key, String uri, Instant from, Instant until) {
        return built(() -> new CertificateBuilder()
                .ecp256()
                .subject("")
                .publicKey(key)
                .notBefore(from)
                .notAfter(until)
                .addSanUriName(URI.create(uri))
                .buildIssuedBy(root));
    }

    private interface Building {
        X509Bundle build() throws Exception;
    }

    private static X509Bundle built(Building building) {
        try {
            return building.build();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
