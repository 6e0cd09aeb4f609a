package io.inmesh.transport;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * What a peer showed of itself, read from the bytes: the JDK's parser is asked only if the chain is to be verified, because it refuses certificates that are
 * good enough to be pinned.
 */
final class PeerChain {
    /** More than any chain of a real authority has; each costs whoever looks at it. */
    private static final int MAX_CERTIFICATES = 16;

    private final List<byte[]> encoded;
    private final DerCertificate leaf;

    private PeerChain(List<byte[]> encoded, DerCertificate leaf) {
        this.encoded = encoded;
        this.leaf = leaf;
    }

    /**
     * Reads it.
     *
     * @throws CertificateException if there is no certificate or the leaf is none
     */
    static PeerChain of(Certificate[] chain) throws CertificateException {
        List<byte[]> encoded = new ArrayList<>();
        for (Certificate certificate : chain) {
            encoded.add(certificate.getEncoded());
        }
        if (encoded.isEmpty()) {
            throw new CertificateException("the peer showed no certificate");
        }
        return new PeerChain(List.copyOf(encoded), DerCertificate.of(encoded.get(0)));
    }

    /** The certificates in DER, the leaf first. */
    List<byte[]> encoded() {
        return encoded;
    }

    /**
     * The certificates as the JDK sees them.
     *
     * @throws CertificateException if the JDK cannot read one, or there are too many to look at
     */
    List<X509Certificate> parsed() throws CertificateException {
        if (encoded.size() > MAX_CERTIFICATES) {
            throw new CertificateException("the peer sent " + encoded.size() + " certificates");
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] each : encoded) {
            certificates.add(Identity.parse(each));
        }
        return certificates;
    }

    DerCertificate leaf() {
        return leaf;
    }

    byte[] certificateSha256() {
        return sha256(encoded.get(0));
    }

    /** Of the leaf's {@code SubjectPublicKeyInfo}. */
    byte[] publicKeySha256() {
        return sha256(leaf.publicKey().encoded());
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
