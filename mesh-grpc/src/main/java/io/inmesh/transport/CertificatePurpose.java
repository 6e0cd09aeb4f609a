package io.inmesh.transport;

import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a peer's certificate is used for: {@code X509_check_purpose} of BoringSSL. */
enum CertificatePurpose {
    /** The peer is a server: digitalSignature, keyEncipherment or keyAgreement, and serverAuth. */
    SERVER("1.3.6.1.5.5.7.3.1", 0, 2, 4),
    /** The peer is a client: digitalSignature or keyAgreement, and clientAuth. */
    CLIENT("1.3.6.1.5.5.7.3.2", 0, 4),
    /** Nobody asks, as in Envoy's SPIFFE validator. */
    ANY(null);

    private static final int KEY_CERT_SIGN = 5;

    private final @Nullable String extendedKeyUsage;

    /** Bits of the extension, of which one must be set, as a mask. */
    private final int keyUsages;

    CertificatePurpose(@Nullable String extendedKeyUsage, int... keyUsages) {
        this.extendedKeyUsage = extendedKeyUsage;
        this.keyUsages = Arrays.stream(keyUsages).map(bit -> 1 << bit).sum();
    }

    /** A certificate without the extension may be used for everything. {@code anyExtendedKeyUsage} is not enough, as in BoringSSL. */
    void check(X509Certificate certificate, boolean leaf) throws CertificateException {
        if (extendedKeyUsage == null) {
            return;
        }
        if (!allowsExtended(certificate, extendedKeyUsage) || (leaf && !allowsOne(certificate.getKeyUsage()))) {
            throw new CertificateException("unsupported certificate purpose");
        }
    }

    private static boolean allowsExtended(X509Certificate certificate, String usage)
            throws CertificateParsingException {
        List<String> usages = certificate.getExtendedKeyUsage();
        return usages == null || usages.contains(usage);
    }

    private boolean allowsOne(boolean @Nullable [] usage) {
        if (usage == null) {
            return true;
        }
        for (int i = 0; i < usage.length; i++) {
            if (usage[i] && (keyUsages & (1 << i)) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether a certificate may sign others: {@code check_ca} of BoringSSL. One of version 1 that signs itself may. */
    static boolean mayIssue(X509Certificate certificate) {
        boolean[] usage = certificate.getKeyUsage();
        if (usage != null && !usage[KEY_CERT_SIGN]) {
            return false;
        }
        return certificate.getBasicConstraints() >= 0
                || (certificate.getVersion() == 1 && TrustStore.selfIssued(certificate));
    }
}
