package io.inmesh.transport;

import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What RFC 5280 section 6.1 asks of a path whose signatures are good, in BoringSSL's reading: anchors are looked at like all others. */
final class PathRules {
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private PathRules() {}

    /**
     * Checks a path.
     *
     * @param path leaf first, anchor last
     * @param now  null if validity in time does not count
     */
    static void check(List<X509Certificate> path, CertificatePurpose purpose, @Nullable Instant now)
            throws CertificateException {
        int intermediates = 0;
        for (int i = 0; i < path.size(); i++) {
            X509Certificate certificate = path.get(i);
            if (certificate.hasUnsupportedCriticalExtension()) {
                throw new CertificateException("unhandled critical extension");
            }
            // BoringSSL knows no MD5 in certificates. Nobody looks at an anchor's own signature.
            if (i < path.size() - 1 && certificate.getSigAlgName().startsWith("MD")) {
                throw new CertificateException("certificate signature failure");
            }
            purpose.check(certificate, i == 0);
            if (i > 0) {
                checkIssuer(path, i, intermediates);
                intermediates += TrustStore.selfIssued(certificate) ? 0 : 1;
            }
            if (now != null) {
                checkTime(certificate, now);
            }
        }
    }

    private static void checkIssuer(List<X509Certificate> path, int index, int intermediatesBelow)
            throws CertificateException {
        X509Certificate issuer = path.get(index);
        if (!CertificatePurpose.mayIssue(issuer)) {
            throw new CertificateException("invalid CA certificate");
        }
        int limit = issuer.getBasicConstraints();
        if (limit >= 0 && intermediatesBelow > limit) {
            throw new CertificateException("path length constraint exceeded");
        }
        byte[] constraints = issuer.getExtensionValue(NAME_CONSTRAINTS);
        if (constraints != null) {
            for (int i = 0; i < index; i++) {
                checkNames(path.get(i), constraints);
            }
        }
    }

    private static void checkTime(X509Certificate certificate, Instant now) throws CertificateException {
        if (certificate.getNotBefore().toInstant().isAfter(now)) {
            throw new CertificateNotYetValidException("certificate is not yet valid");
        }
        if (certificate.getNotAfter().toInstant().isBefore(now)) {
            throw new CertificateExpiredException("certificate has expired");
        }
    }

    /** Name constraints are the JDK's to judge, for one certificate at a time. */
    private static void checkNames(X509Certificate certificate, byte[] constraints) throws CertificateException {
        X509CertSelector selector = new X509CertSelector();
        try {
            selector.setNameConstraints(Der.read(constraints).content());
        } catch (IOException | IllegalArgumentException e) {
            throw new CertificateException("name constraints that cannot be read");
        }
        if (!selector.match(certificate)) {
            throw new CertificateException("permitted subtree violation");
        }
    }
}
