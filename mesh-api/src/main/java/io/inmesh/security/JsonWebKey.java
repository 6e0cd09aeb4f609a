package io.inmesh.security;

/**
 * A public or shared key of a set.
 *
 * @param keyId     {@code kid}, or empty
 * @param algorithm {@code alg}, or empty if the key is for all algorithms of its kind
 * @param keyType   {@code kty}
 * @param curve     {@code crv}; empty if the kind has none
 * @param verifier  the key itself
 */
record JsonWebKey(String keyId, String algorithm, String keyType, String curve, SignatureVerifier verifier) {

    /** Whether a token says that it was signed by this key. Who says nothing of {@code kid} may mean any. */
    boolean isMeantBy(Jwt jwt) {
        boolean kid = jwt.keyId().isEmpty() || keyId.isEmpty() || keyId.equals(jwt.keyId());
        return kid && (algorithm.isEmpty() || algorithm.equals(jwt.algorithm().word()));
    }

    /** Whether a key of this kind can be used for an algorithm at all, so that no public key is ever taken for a shared secret. */
    boolean fits(JwtAlgorithm wanted) {
        return keyType.equals(wanted.keyType()) && curve.equals(wanted.curve());
    }

    /** Shows nothing of the key. */
    @Override
    public String toString() {
        return "JsonWebKey[" + keyType + " " + curve + " kid=" + keyId + "]";
    }

    /** Thread-safe. */
    interface SignatureVerifier {
        /** Whether it signed that. Anything that is wrong with a signature is a no. */
        boolean verify(JwtAlgorithm algorithm, byte[] signed, byte[] signature);
    }
}
