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
    private static final String SUBJECT_ALT_NAME = "2.5.29.17";
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;

    private final List<byte[]> encoded;
    private final List<Der> fields;
    private final int first;

    private PeerChain(List<byte[]> encoded, List<Der> fields) {
        this.encoded = encoded;
        this.fields = fields;
        this.first = fields.get(0).tag() == VERSION ? 1 : 0;
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
        try {
            List<Der> fields = Der.read(encoded.get(0))
                    .expect(Der.SEQUENCE)
                    .child(0)
                    .expect(Der.SEQUENCE)
                    .children();
            if (fields.size() < 6) {
                throw new CertificateException("the peer's certificate lacks fields");
            }
            return new PeerChain(List.copyOf(encoded), fields);
        } catch (IllegalArgumentException e) {
            throw new CertificateException("the peer's certificate cannot be read: " + e.getMessage());
        }
    }

    /** The certificates in DER, the leaf first. */
    List<byte[]> encoded() {
        return encoded;
    }

    /** The certificates as the JDK sees them. */
    List<X509Certificate> parsed() throws CertificateException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] each : encoded) {
            certificates.add(Identity.parse(each));
        }
        return certificates;
    }

    Der serial() {
        return fields.get(first);
    }

    Der issuer() {
        return fields.get(first + 2);
    }

    Der subject() {
        return fields.get(first + 4);
    }

    byte[] certificateSha256() {
        return sha256(encoded.get(0));
    }

    /** Of the leaf's {@code SubjectPublicKeyInfo}. */
    byte[] publicKeySha256() {
        return sha256(fields.get(first + 5).encoded());
    }

    /** The leaf's names. */
    List<SubjectAltName> names() throws CertificateException {
        try {
            for (Der field : fields) {
                if (field.tag() == EXTENSIONS) {
                    for (Der extension : field.child(0).children()) {
                        List<Der> parts = extension.children();
                        if (parts.get(0).oid().equals(SUBJECT_ALT_NAME)) {
                            return SubjectAltName.read(parts.get(parts.size() - 1)
                                    .expect(Der.OCTET_STRING)
                                    .content());
                        }
                    }
                }
            }
            return List.of();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new CertificateException("the names of the peer's certificate cannot be read");
        }
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
