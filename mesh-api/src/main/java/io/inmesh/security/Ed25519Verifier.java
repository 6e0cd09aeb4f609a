package io.inmesh.security;

import io.inmesh.security.JsonWebKey.SignatureVerifier;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** Ed25519 of RFC 8032 by the JDK; Nimbus needs another library for it. */
final class Ed25519Verifier implements SignatureVerifier {
    /** What comes before the 32 bytes of a key in its {@code SubjectPublicKeyInfo} (RFC 8410 section 4). */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final PublicKey key;

    private Ed25519Verifier(PublicKey key) {
        this.key = key;
    }

    /**
     * A verifier.
     *
     * @throws IllegalArgumentException if the bytes are no key
     */
    static Ed25519Verifier of(byte[] raw) {
        byte[] info = new byte[PREFIX.length + raw.length];
        System.arraycopy(PREFIX, 0, info, 0, PREFIX.length);
        System.arraycopy(raw, 0, info, PREFIX.length, raw.length);
        try {
            return new Ed25519Verifier(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(info)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a key of Ed25519", e);
        }
    }

    @Override
    public boolean verify(JwtAlgorithm algorithm, byte[] signed, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 is part of every Java from 15 on", e);
        }
    }
}
