package io.inmesh.security;

import io.inmesh.security.JsonWebKey.SignatureVerifier;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC by a shared secret. Nimbus's own verifier asks for secrets as long as the hash, Envoy does not. */
final class SecretVerifier implements SignatureVerifier {
    private final byte[] secret;

    SecretVerifier(byte[] secret) {
        this.secret = secret;
    }

    @Override
    public boolean verify(JwtAlgorithm algorithm, byte[] signed, byte[] signature) {
        String name = "HmacSHA" + algorithm.word().substring(2);
        try {
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(secret, name));
            return MessageDigest.isEqual(mac.doFinal(signed), signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(name + " is part of every Java", e);
        }
    }
}
