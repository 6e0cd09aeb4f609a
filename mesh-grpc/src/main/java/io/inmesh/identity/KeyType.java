package io.inmesh.identity;

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

    /** The {@code AlgorithmIdentifier} of the signature: RFC 5758 for ECDSA, RFC 4055 for RSA. */
    byte[] signatureIdentifier() {
        return this == P256
                ? Der.sequence(Der.oid("1.2.840.10045.4.3.2"))
                : Der.sequence(Der.oid("1.2.840.113549.1.1.11"), Der.NULL);
    }
}
