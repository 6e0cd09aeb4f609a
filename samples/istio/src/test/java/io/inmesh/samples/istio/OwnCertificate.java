package io.inmesh.samples.istio;

import io.inmesh.identity.SuppliedIdentity;
import io.inmesh.samples.istio.controlplane.LocalControlPlane;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.time.Duration;

/** Identities that istiod has not issued. */
final class OwnCertificate {
    private OwnCertificate() {}

    /** From the mesh's authority, with any name. */
    static SuppliedIdentity of(LocalControlPlane controlPlane, String spiffeId, Duration life) {
        try {
            return supplied(controlPlane, controlPlane.authority().workload(spiffeId, life));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** From an authority that nobody trusts. */
    static SuppliedIdentity forged(LocalControlPlane controlPlane, String spiffeId) {
        try {
            X509Bundle root = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=forger")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            return supplied(
                    controlPlane,
                    new CertificateBuilder()
                            .ecp256()
                            .subject("O=forger")
                            .addSanUriName(spiffeId)
                            .addExtendedKeyUsageClientAuth()
                            .buildIssuedBy(root));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static SuppliedIdentity supplied(LocalControlPlane controlPlane, X509Bundle certificate) throws Exception {
        SuppliedIdentity identity = new SuppliedIdentity();
        identity.publish(
                certificate.getCertificatePathPEM(),
                certificate.getPrivateKeyPEM(),
                Files.readString(controlPlane.roots()));
        return identity;
    }
}
