package io.inmesh.transport;

import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Makes revocation lists (RFC 5280 section 5), signed by ECDSA with SHA-256. */
public final class Revocation {
    private static final byte[] ALGORITHM =
            Der.write(Der.SEQUENCE, new byte[] {Der.OID, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2});
    private static final int UTC_TIME = 0x17;

    private Revocation() {}

    /** A list in PEM. */
    public static String list(X509Bundle issuer, Instant nextUpdate, X509Bundle... revoked) throws Exception {
        byte[][] entries = new byte[revoked.length][];
        for (int i = 0; i < revoked.length; i++) {
            entries[i] = Der.write(
                    Der.SEQUENCE,
                    Der.write(
                            Der.INTEGER,
                            revoked[i].getCertificate().getSerialNumber().toByteArray()),
                    time(Instant.now().minusSeconds(60)));
        }
        byte[] content = Der.write(
                Der.SEQUENCE,
                new byte[] {Der.INTEGER, 1, 1},
                ALGORITHM,
                issuer.getCertificate().getSubjectX500Principal().getEncoded(),
                time(nextUpdate.minusSeconds(86_400)),
                time(nextUpdate),
                revoked.length == 0 ? new byte[0] : Der.write(Der.SEQUENCE, entries));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(issuer.getKeyPair().getPrivate());
        signature.update(content);
        return Pem.write(
                "X509 CRL",
                Der.write(
                        Der.SEQUENCE, content, ALGORITHM, Der.write(Der.BIT_STRING, new byte[] {0}, signature.sign())));
    }

    private static byte[] time(Instant instant) {
        return Der.write(
                UTC_TIME,
                DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(instant)
                        .getBytes(StandardCharsets.US_ASCII));
    }
}
