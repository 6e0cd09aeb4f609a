package io.inmesh.transport;

import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which keys are worth a look at a signature. A stranger chooses the keys that he sends, and may choose them so that one look takes a second; what BoringSSL bounds
 * is bounded here.
 */
final class IssuerKeys {
    /** {@code BN_num_bits(rsa->e) > 33} is {@code RSA_R_BAD_E_VALUE} for BoringSSL. */
    private static final int MAX_EXPONENT_BITS = 33;

    /** Half of BoringSSL's, as the JDK is slower; no authority has larger ones. */
    private static final int MAX_MODULUS_BITS = 8192;

    private static final int KEY_IDENTIFIER = 0x80;

    private IssuerKeys() {}

    /** Whether the issuer may have signed the certificate, as far as can be told without the signature: {@code X509_check_issued}, and the size of the key. */
    static boolean mayHaveSigned(X509Certificate certificate, X509Certificate issuer) {
        try {
            byte[] wanted = authorityKeyId(DerCertificate.of(certificate));
            Der own = DerCertificate.of(issuer).extension(DerCertificate.SUBJECT_KEY_ID);
            return isBounded(issuer.getPublicKey())
                    && (wanted == null || own == null || Arrays.equals(wanted, own.content()));
        } catch (CertificateException | IllegalArgumentException e) {
            return false; // BoringSSL takes no certificate whose key identifiers cannot be read
        }
    }

    private static byte @Nullable [] authorityKeyId(DerCertificate certificate) throws CertificateException {
        Der extension = certificate.extension(DerCertificate.AUTHORITY_KEY_ID);
        if (extension != null) {
            for (Der part : extension.expect(Der.SEQUENCE).children()) {
                if (part.tag() == KEY_IDENTIFIER) {
                    return part.content();
                }
            }
        }
        return null;
    }

    private static boolean isBounded(PublicKey key) {
        return key instanceof RSAPublicKey rsa
                ? rsa.getModulus().bitLength() <= MAX_MODULUS_BITS
                        && rsa.getPublicExponent().bitLength() <= MAX_EXPONENT_BITS
                : key instanceof ECPublicKey || key instanceof EdECPublicKey;
    }
}
