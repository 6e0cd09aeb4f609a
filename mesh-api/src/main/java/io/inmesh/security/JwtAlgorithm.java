package io.inmesh.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import org.jspecify.annotations.Nullable;

/** The algorithms of RFC 7518 that Envoy verifies. {@code none} is not one of them. */
enum JwtAlgorithm {
    ES256("EC", "P-256"),
    ES384("EC", "P-384"),
    ES512("EC", "P-521"),
    HS256("oct", ""),
    HS384("oct", ""),
    HS512("oct", ""),
    RS256("RSA", ""),
    RS384("RSA", ""),
    RS512("RSA", ""),
    PS256("RSA", ""),
    PS384("RSA", ""),
    PS512("RSA", ""),
    EDDSA("OKP", "Ed25519");

    private final String keyType;
    private final String curve;

    @SuppressWarnings("ImmutableEnumChecker") // it is, and says so in words only
    private final JWSHeader header;

    JwtAlgorithm(String keyType, String curve) {
        this.keyType = keyType;
        this.curve = curve;
        this.header = new JWSHeader(JWSAlgorithm.parse(word()));
    }

    /** As {@code alg} writes it. */
    final String word() {
        return name().equals("EDDSA") ? "EdDSA" : name();
    }

    /** The algorithm of that name, or null. */
    static @Nullable JwtAlgorithm named(String name) {
        for (JwtAlgorithm each : values()) {
            if (each.word().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** {@code kty} of the keys that it is for. */
    String keyType() {
        return keyType;
    }

    /** {@code crv} of the keys that it is for; empty if they have none. */
    String curve() {
        return curve;
    }

    /** A header that names it and nothing else: what a token's own header says besides must not reach a verifier. */
    JWSHeader header() {
        return header;
    }
}
