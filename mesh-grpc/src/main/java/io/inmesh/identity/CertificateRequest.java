package io.inmesh.identity;

import io.inmesh.transport.Der;
import io.inmesh.transport.Pem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;

/** Writes certificate signing requests: PKCS#10 (RFC 2986) with one URI as the subject's alternative name and no subject, as Istio's agent does. */
final class CertificateRequest {
    /** {@code extensionRequest}, 1.2.840.113549.1.9.14. */
    private static final byte[] EXTENSION_REQUEST = {
        Der.OID, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 9, 14
    };
    /** {@code subjectAltName}, 2.5.29.17. */
    private static final byte[] SUBJECT_ALT_NAME = {Der.OID, 3, 0x55, 0x1d, 0x11};

    private static final byte[] VERSION = {Der.INTEGER, 1, 0};
    private static final byte[] TRUE = {0x01, 1, (byte) 0xff};
    private static final int ATTRIBUTES = 0xa0;
    /** {@code uniformResourceIdentifier [6] IA5String} of {@code GeneralName} (RFC 5280). */
    private static final int URI = 0x86;

    private CertificateRequest() {}

    static String pem(KeyPair keys, KeyType type, String uri) throws GeneralSecurityException {
        byte[] info = sequence(
                VERSION,
                sequence(),
                keys.getPublic().getEncoded(),
                Der.write(ATTRIBUTES, sequence(EXTENSION_REQUEST, Der.write(Der.SET, extensions(uri)))));
        Signature signature = Signature.getInstance(type.signature());
        signature.initSign(keys.getPrivate());
        signature.update(info);
        byte[] signed = Der.write(Der.BIT_STRING, new byte[] {0}, signature.sign());
        return Pem.write("CERTIFICATE REQUEST", sequence(info, type.signatureIdentifier(), signed));
    }

    /** The name is critical, because there is no other name of the subject (RFC 5280, 4.2.1.6). */
    private static byte[] extensions(String uri) {
        byte[] names = sequence(Der.write(URI, uri.getBytes(StandardCharsets.US_ASCII)));
        return sequence(sequence(SUBJECT_ALT_NAME, TRUE, Der.write(Der.OCTET_STRING, names)));
    }

    private static byte[] sequence(byte[]... parts) {
        return Der.write(Der.SEQUENCE, parts);
    }
}
