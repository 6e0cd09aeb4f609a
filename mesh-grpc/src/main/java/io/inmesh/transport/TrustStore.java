package io.inmesh.transport;

import io.netty.handler.ssl.OpenSslCertificateException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Finds a path from a peer's certificate to a trust anchor, as BoringSSL does for Envoy: an anchor need not sign itself ({@code X509_V_FLAG_PARTIAL_CHAIN}),
 * even a leaf may be one, and an anchor's validity in time counts like any other's. Unlike BoringSSL it tries other paths if one fails.
 */
final class TrustStore {
    /** A bound on the work for chains that are built to make work: a few more than a path is long, for roots that share a name. */
    private static final int MAX_SIGNATURES = 24;

    private static final int MAX_DEPTH = 16;

    /** {@code X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY}. */
    private static final int UNKNOWN_AUTHORITY = 20;

    private final Set<X509Certificate> anchors;
    private final boolean partialChain;
    private final RevocationLists revocation;
    private final boolean anyTime;
    private final int maxIntermediates;
    private final Clock clock;

    /**
     * Trusts certificates.
     *
     * @param partialChain     whether an anchor need not sign itself
     * @param anyTime          whether validity in time does not count
     * @param maxIntermediates between leaf and anchor
     */
    TrustStore(
            List<X509Certificate> anchors,
            boolean partialChain,
            RevocationLists revocation,
            boolean anyTime,
            int maxIntermediates,
            Clock clock) {
        this.anchors = Set.copyOf(anchors);
        this.partialChain = partialChain;
        this.revocation = revocation;
        this.anyTime = anyTime;
        this.maxIntermediates = maxIntermediates;
        this.clock = clock;
    }

    /** The roots that the JVM trusts, which stand for the operating system's. */
    static List<X509Certificate> systemRoots() throws SecretException {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            for (var manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    return List.of(x509.getAcceptedIssuers());
                }
            }
        } catch (KeyStoreException | NoSuchAlgorithmException e) {
            throw SecretException.of("the system's roots cannot be read");
        }
        throw SecretException.of("the system has no roots");
    }

    /** The certificates that it trusts. */
    Set<X509Certificate> anchors() {
        return anchors;
    }

    /**
     * Verifies a chain.
     *
     * @param sent    what the peer sent, the leaf first; the order of the others does not count
     * @param purpose what the leaf is used for, and every certificate above must allow
     * @throws CertificateException if there is no path, or a path with a flaw; the message tells the flaw of the last path looked at
     */
    void verify(List<X509Certificate> sent, CertificatePurpose purpose) throws CertificateException {
        Search search = new Search(sent, purpose);
        if (!search.extend(List.of(sent.get(0)))) {
            throw search.flaw;
        }
    }

    private final class Search {
        private final List<X509Certificate> sent;
        private final CertificatePurpose purpose;
        private int signatures;
        private CertificateException flaw =
                new OpenSslCertificateException("unable to get local issuer certificate", UNKNOWN_AUTHORITY);

        Search(List<X509Certificate> sent, CertificatePurpose purpose) {
            this.sent = sent;
            this.purpose = purpose;
        }

        /** Whether the path leads to an anchor and is good, or can be made so. */
        boolean extend(List<X509Certificate> path) {
            X509Certificate top = path.get(path.size() - 1);
            if (anchors.contains(top) && (partialChain || selfIssued(top)) && good(path)) {
                return true;
            }
            if (path.size() > MAX_DEPTH) {
                flaw = new CertificateException("certificate chain too long");
                return false;
            }
            return issuedByOneOf(path, top, anchors) || issuedByOneOf(path, top, sent);
        }

        private boolean issuedByOneOf(
                List<X509Certificate> path, X509Certificate top, Iterable<X509Certificate> candidates) {
            for (X509Certificate candidate : candidates) {
                if (candidate.getSubjectX500Principal().equals(top.getIssuerX500Principal())
                        && !path.contains(candidate)
                        && IssuerKeys.mayHaveSigned(top, candidate)
                        && signed(top, candidate)) {
                    List<X509Certificate> longer = new ArrayList<>(path);
                    longer.add(candidate);
                    if (extend(longer)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private boolean signed(X509Certificate certificate, X509Certificate by) {
            if (signatures++ >= MAX_SIGNATURES) {
                flaw = new CertificateException("certificate chain too long");
                return false;
            }
            try {
                certificate.verify(by.getPublicKey());
                return true;
            } catch (GeneralSecurityException e) {
                flaw = new CertificateException("certificate signature failure");
                return false;
            }
        }

        private boolean good(List<X509Certificate> path) {
            try {
                if (path.size() - 2 > maxIntermediates) {
                    throw new CertificateException("certificate chain too long");
                }
                PathRules.check(path, purpose, anyTime ? null : clock.instant());
                revocation.check(path, anyTime ? null : clock.instant());
                return true;
            } catch (CertificateException e) {
                flaw = e;
                return false;
            }
        }
    }

    static boolean selfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }
}
