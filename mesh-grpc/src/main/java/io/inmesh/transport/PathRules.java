package io.inmesh.transport;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What RFC 5280 section 6.1 asks of a path whose signatures are good, in BoringSSL's reading: anchors are looked at like all others. */
final class PathRules {
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
            checkReadable(certificate);
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
        Der constraints = DerCertificate.of(issuer).extension(DerCertificate.NAME_CONSTRAINTS);
        if (constraints != null) {
            checkNames(path.subList(0, index), constraints);
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

    /**
     * An extension that the JDK cannot read counts for it as one that is not there, so as leave for everything. For BoringSSL such a certificate is invalid
     * ({@code EXFLAG_INVALID}), and for this.
     */
    private static void checkReadable(X509Certificate certificate) throws CertificateException {
        DerCertificate fields = DerCertificate.of(certificate);
        Der basic = fields.extension(DerCertificate.BASIC_CONSTRAINTS);
        boolean unread = (certificate.getKeyUsage() == null && fields.extension(DerCertificate.KEY_USAGE) != null)
                || (certificate.getExtendedKeyUsage() == null
                        && fields.extension(DerCertificate.EXTENDED_KEY_USAGE) != null)
                || (certificate.getBasicConstraints() < 0 && basic != null && !isOfNoAuthority(basic));
        if (unread) {
            throw new CertificateException("invalid or inconsistent certificate extension");
        }
        fields.names();
    }

    private static boolean isOfNoAuthority(Der basicConstraints) {
        byte[] encoded = basicConstraints.encoded();
        return Arrays.equals(encoded, new byte[] {Der.SEQUENCE, 0})
                || Arrays.equals(encoded, new byte[] {Der.SEQUENCE, 3, Der.BOOLEAN, 1, 0});
    }

    /** One that issued itself anew, as when keys change, is not held to them, unless it is the leaf (section 6.1.4). */
    private static void checkNames(List<X509Certificate> below, Der extension) throws CertificateException {
        try {
            NameConstraints constraints = NameConstraints.read(extension);
            for (int i = 0; i < below.size(); i++) {
                if (i == 0 || !TrustStore.selfIssued(below.get(i))) {
                    constraints.check(DerCertificate.of(below.get(i)));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new CertificateException("name constraints or names that cannot be read");
        }
    }
}
