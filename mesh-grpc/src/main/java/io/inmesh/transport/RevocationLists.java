package io.inmesh.transport;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Revocation lists, as BoringSSL uses them with {@code X509_V_FLAG_CRL_CHECK} and, unless only the leaf counts, {@code X509_V_FLAG_CRL_CHECK_ALL}: then every
 * certificate of a path up to and with the anchor needs a list of its issuer. Of several lists of one issuer BoringSSL takes the best; here a certificate is
 * revoked if any of them says so.
 */
final class RevocationLists {
    /** No list: nothing is looked up. */
    static final RevocationLists NONE = new RevocationLists(List.of(), true);

    private static final int CRL_SIGN = 6;

    /** {@code X509_V_ERR_CERT_REVOKED}. */
    private static final int REVOKED = 23;

    private final List<X509CRL> lists;
    private final boolean onlyLeaf;

    RevocationLists(List<X509CRL> lists, boolean onlyLeaf) {
        this.lists = List.copyOf(lists);
        this.onlyLeaf = onlyLeaf;
    }

    /** The lists of a PEM text; perhaps none. */
    static List<X509CRL> read(byte[] pem) throws SecretException {
        List<X509CRL> lists = new ArrayList<>();
        try {
            for (Pem block : Pem.read(pem)) {
                if (block.label().equals("X509 CRL")) {
                    lists.add((X509CRL) CertificateFactory.getInstance("X.509")
                            .generateCRL(new ByteArrayInputStream(block.bytes())));
                }
            }
            return lists;
        } catch (CRLException | CertificateException | IllegalArgumentException e) {
            throw SecretException.of("revocation list " + (lists.size() + 1) + " cannot be read");
        }
    }

    /**
     * Checks a path.
     *
     * @param path leaf first, anchor last
     * @param now  null if validity in time does not count
     */
    void check(List<X509Certificate> path, @Nullable Instant now) throws CertificateException {
        if (lists.isEmpty()) {
            return;
        }
        int checked = onlyLeaf ? 1 : path.size();
        for (int i = 0; i < checked; i++) {
            X509Certificate issuer = path.get(Math.min(i + 1, path.size() - 1));
            check(path.get(i), issuer, now);
        }
    }

    private void check(X509Certificate certificate, X509Certificate issuer, @Nullable Instant now)
            throws CertificateException {
        boolean found = false;
        for (X509CRL list : lists) {
            if (!list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal()) || !signed(list, issuer)) {
                continue;
            }
            if (list.hasUnsupportedCriticalExtension()) {
                throw new CertificateException("unhandled critical CRL extension");
            }
            if (now != null && list.getThisUpdate().toInstant().isAfter(now)) {
                throw new CertificateException("CRL is not yet valid");
            }
            if (now != null
                    && list.getNextUpdate() != null
                    && list.getNextUpdate().toInstant().isBefore(now)) {
                throw new CertificateException("CRL has expired");
            }
            if (list.getRevokedCertificate(certificate.getSerialNumber()) != null) {
                throw new OpenSslCertificateException("certificate revoked", REVOKED);
            }
            found = true;
        }
        if (!found) {
            throw new CertificateException("unable to get certificate CRL");
        }
    }

    private static boolean signed(X509CRL list, X509Certificate issuer) {
        boolean[] usage = issuer.getKeyUsage();
        if (!issuer.getSubjectX500Principal().equals(list.getIssuerX500Principal())
                || (usage != null && !usage[CRL_SIGN])) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
