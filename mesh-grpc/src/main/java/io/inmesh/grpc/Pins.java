package io.inmesh.grpc;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/** Pins in the forms in which people have them. */
final class Pins {
    private static final int SHA_256_BYTES = 32;

    private Pins() {}

    static String publicKey(String base64) {
        try {
            if (Base64.getDecoder().decode(base64).length == SHA_256_BYTES) {
                return base64;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "'" + base64 + "' pins no public key: expected Base64 of the 32 bytes of a SHA-256");
    }

    static String certificate(String hexadecimal) {
        String plain = hexadecimal.replace(":", "").toLowerCase(Locale.ROOT);
        try {
            if (HexFormat.of().parseHex(plain).length == SHA_256_BYTES) {
                return plain;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "'" + hexadecimal + "' pins no certificate: expected the 32 bytes of a SHA-256 in hexadecimal");
    }
}
