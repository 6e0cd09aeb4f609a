package io.inmesh.transport;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Private keys in PEM: PKCS#8 (RFC 5958), also encrypted (RFC 8018), PKCS#1 for RSA (RFC 8017) and SEC1 for elliptic curves (RFC 5915). The JDK knows PKCS#8
 * only, so the other two are wrapped into it. No message tells anything of a key.
 */
final class PrivateKeys {
    private static final byte[] VERSION_0 = {Der.INTEGER, 1, 0};
    private static final byte[] NULL = {Der.NULL, 0};
    private static final byte[] RSA = {Der.OID, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1};
    private static final byte[] EC = {Der.OID, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};
    private static final int PARAMETERS = 0xa0;
    private static final byte[] PROBE = new byte[32];

    private PrivateKeys() {}

    /** The first key of a PEM text. */
    static PrivateKey read(byte[] pem, char @Nullable [] password) throws SecretException {
        List<Pem> blocks;
        try {
            blocks = Pem.read(pem);
        } catch (IllegalArgumentException e) {
            throw SecretException.of(String.valueOf(e.getMessage()));
        }
        for (Pem block : blocks) {
            if (block.label().endsWith("PRIVATE KEY")) {
                return read(block, password);
            }
        }
        throw SecretException.of("there is no private key in PEM");
    }

    private static PrivateKey read(Pem block, char @Nullable [] password) throws SecretException {
        if (block.headers()) {
            throw SecretException.of("OpenSSL's own encryption of keys is not supported; PKCS#8 is");
        }
        try {
            return switch (block.label()) {
                case "PRIVATE KEY" -> pkcs8(block.bytes());
                case "RSA PRIVATE KEY" -> pkcs8(pkcs1(block.bytes()));
                case "EC PRIVATE KEY" -> pkcs8(sec1(block.bytes()));
                case "ENCRYPTED PRIVATE KEY" -> decrypt(block.bytes(), password);
                default -> throw SecretException.of("keys of the form " + block.label() + " are not supported");
            };
        } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
            throw SecretException.of("the " + block.label() + " cannot be read");
        }
    }

    private static byte[] pkcs1(byte[] key) {
        return wrap(Der.write(Der.SEQUENCE, RSA, NULL), key);
    }

    private static byte[] sec1(byte[] key) {
        Der parameters = Der.read(key).expect(Der.SEQUENCE).children().stream()
                .filter(each -> each.tag() == PARAMETERS)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no curve"));
        return wrap(Der.write(Der.SEQUENCE, EC, parameters.content()), key);
    }

    private static byte[] wrap(byte[] algorithm, byte[] key) {
        return Der.write(Der.SEQUENCE, VERSION_0, algorithm, Der.write(Der.OCTET_STRING, key));
    }

    private static PrivateKey pkcs8(byte[] key) throws GeneralSecurityException {
        String oid = Der.read(key)
                .expect(Der.SEQUENCE)
                .child(1)
                .expect(Der.SEQUENCE)
                .child(0)
                .expect(Der.OID)
                .oid();
        String algorithm =
                switch (oid) {
                    case "1.2.840.113549.1.1.1" -> "RSA";
                    case "1.2.840.10045.2.1" -> "EC";
                    case "1.3.101.112" -> "Ed25519";
                    default -> throw new InvalidKeyException("an algorithm that is not supported");
                };
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key));
    }

    private static PrivateKey decrypt(byte[] encrypted, char @Nullable [] password)
            throws GeneralSecurityException, IOException, SecretException {
        if (password == null) {
            throw SecretException.of("the private key is encrypted, and there is no password");
        }
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
        // For PBES2 the name is in the parameters' text only.
        String algorithm = info.getAlgName().startsWith("PBEWith")
                ? info.getAlgName()
                : info.getAlgParameters().toString();
        PBEKeySpec spec = new PBEKeySpec(password);
        try {
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(spec),
                    info.getAlgParameters());
            return pkcs8(info.getKeySpec(cipher).getEncoded());
        } finally {
            spec.clearPassword();
        }
    }

    /** Whether the keys are a pair, found out by using them. */
    static boolean match(PrivateKey key, PublicKey certified) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "Ed25519";
                };
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROBE);
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certified);
            verifier.update(PROBE);
            return verifier.verify(signer.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
