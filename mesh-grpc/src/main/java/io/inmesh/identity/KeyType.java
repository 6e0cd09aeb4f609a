package io.inmesh.identity;

import io.inmesh.transport.Der;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** The kinds of private keys that are made for a workload. */
public enum KeyType {
    /** ECDSA on P-256. */
    P256("SHA256withECDSA"),
    /** RSA of 2048 bits, which Istio's agent takes by default. */
    RSA_2048("SHA256withRSA");

    private final String signature;

    KeyType(String signature) {
        this.signature = signature;
    }

    KeyPair generate() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(this == P256 ? "EC" : "RSA");
        if (this == P256) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    String signature() {
        return signature;
    }

    /** The {@code AlgorithmIdentifier} of the signature: {@code ecdsa-with-SHA256} (RFC 5758), {@code sha256WithRSAEncryption} (RFC 4055). */
    byte[] signatureIdentifier() {
        byte[] ecdsa = {Der.OID, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};
        byte[] rsa = {Der.OID, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 11};
        byte[] none = {0x05, 0};
        return this == P256 ? Der.write(Der.SEQUENCE, ecdsa) : Der.write(Der.SEQUENCE, rsa, none);
    }
}
