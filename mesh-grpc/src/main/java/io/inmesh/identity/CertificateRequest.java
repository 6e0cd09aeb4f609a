package io.inmesh.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;

/** Writes certificate signing requests: PKCS#10 (RFC 2986) with one URI as the subject's alternative name and no subject, as Istio's agent does. */
final class CertificateRequest {
    private static final byte[] EXTENSION_REQUEST = Der.oid("1.2.840.113549.1.9.14");
    private static final byte[] SUBJECT_ALT_NAME = Der.oid("2.5.29.17");
    private static final int ATTRIBUTES = 0xa0;
    /** {@code uniformResourceIdentifier [6] IA5String} of {@code GeneralName} (RFC 5280). */
    private static final int URI = 0x86;

    private CertificateRequest() {}

    static String pem(KeyPair keys, KeyType type, String uri) throws GeneralSecurityException {
        byte[] info = Der.sequence(
                Der.integer(0),
                Der.sequence(),
                keys.getPublic().getEncoded(),
                Der.value(ATTRIBUTES, Der.sequence(EXTENSION_REQUEST, Der.value(Der.SET, extensions(uri)))));
        Signature signature = Signature.getInstance(type.signature());
        signature.initSign(keys.getPrivate());
        signature.update(info);
        return PemBlock.write(
                "CERTIFICATE REQUEST", Der.sequence(info, type.signatureIdentifier(), Der.bits(signature.sign())));
    }

    /** The name is critical, because there is no other name of the subject (RFC 5280, 4.2.1.6). */
    private static byte[] extensions(String uri) {
        byte[] names = Der.sequence(Der.value(URI, uri.getBytes(StandardCharsets.US_ASCII)));
        byte[] critical = Der.value(Der.BOOLEAN, new byte[] {(byte) 0xff});
        return Der.sequence(Der.sequence(SUBJECT_ALT_NAME, critical, Der.octets(names)));
    }
}
