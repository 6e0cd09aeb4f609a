package io.inmesh.transport;

import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a certificate (RFC 5280 section 4.1), read from its bytes. Whatever decides on names reads them here, so that all see the same: the JDK passes over
 * extensions that it cannot read as if they were not there.
 */
final class DerCertificate {
    static final String SUBJECT_KEY_ID = "2.5.29.14";
    static final String KEY_USAGE = "2.5.29.15";
    static final String SUBJECT_ALT_NAME = "2.5.29.17";
    static final String BASIC_CONSTRAINTS = "2.5.29.19";
    static final String NAME_CONSTRAINTS = "2.5.29.30";
    static final String AUTHORITY_KEY_ID = "2.5.29.35";
    static final String EXTENDED_KEY_USAGE = "2.5.29.37";

    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;

    private final List<Der> fields;
    private final int first;

    private DerCertificate(List<Der> fields) {
        this.fields = fields;
        this.first = fields.get(0).tag() == VERSION ? 1 : 0;
    }

    static DerCertificate of(X509Certificate certificate) throws CertificateException {
        try {
            return of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new CertificateException("a certificate cannot be read");
        }
    }

    static DerCertificate of(byte[] encoded) throws CertificateException {
        try {
            List<Der> fields = Der.read(encoded)
                    .expect(Der.SEQUENCE)
                    .child(0)
                    .expect(Der.SEQUENCE)
                    .children();
            if (fields.size() < 6) {
                throw new CertificateException("the peer's certificate lacks fields");
            }
            return new DerCertificate(fields);
        } catch (IllegalArgumentException e) {
            throw new CertificateException("the peer's certificate cannot be read: " + e.getMessage());
        }
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

    /** Its {@code SubjectPublicKeyInfo}. */
    Der publicKey() {
        return fields.get(first + 5);
    }

    /**
     * The content of an extension; null if it is not there.
     *
     * @throws CertificateException if it is malformed
     */
    @Nullable
    Der extension(String id) throws CertificateException {
        try {
            for (Der field : fields) {
                if (field.tag() == EXTENSIONS) {
                    for (Der extension : field.child(0).children()) {
                        List<Der> parts = extension.children();
                        if (parts.get(0).expect(Der.OID).oid().equals(id)) {
                            return Der.read(parts.get(parts.size() - 1)
                                    .expect(Der.OCTET_STRING)
                                    .content());
                        }
                    }
                }
            }
            return null;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new CertificateException("an extension of the peer's certificate cannot be read: " + id);
        }
    }

    /** Its alternative names, unread. */
    List<Der> generalNames() throws CertificateException {
        Der extension = extension(SUBJECT_ALT_NAME);
        try {
            return extension == null
                    ? List.of()
                    : extension.expect(Der.SEQUENCE).children();
        } catch (IllegalArgumentException e) {
            throw unreadableNames();
        }
    }

    /** Its alternative names, in order; those of kinds that nothing can match are left out. */
    List<SubjectAltName> names() throws CertificateException {
        List<SubjectAltName> names = new ArrayList<>();
        try {
            for (Der each : generalNames()) {
                SubjectAltName name = SubjectAltName.read(each);
                if (name != null) {
                    names.add(name);
                }
            }
        } catch (IllegalArgumentException e) {
            throw unreadableNames();
        }
        return names;
    }

    private static CertificateException unreadableNames() {
        return new CertificateException("the names of the peer's certificate cannot be read");
    }
}
