package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeysTest {
    private static final char[] PASSWORD = "correct horse".toCharArray();

    private static KeyPair pair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm.startsWith("secp") ? "EC" : algorithm);
        if (algorithm.startsWith("secp")) {
            generator.initialize(new ECGenParameterSpec(algorithm));
        }
        return generator.generateKeyPair();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What PKCS#8 wraps: PKCS#1 or SEC1. */
    private static byte[] inner(KeyPair pair) {
        return Der.read(pair.getPrivate().getEncoded()).child(2).content();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "secp256r1", "secp384r1", "Ed25519"})
    void read_pkcs8_isTheKey(String algorithm) throws Exception {
        KeyPair pair = pair(algorithm);

        assertThat(PrivateKeys.read(
                        text(Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded())), null))
                .isEqualTo(pair.getPrivate());
    }

    @Test
    void read_pkcs1_isTheKey() throws Exception {
        KeyPair pair = pair("RSA");

        assertThat(PrivateKeys.read(text("a remark\n" + Pem.write("RSA PRIVATE KEY", inner(pair))), null))
                .isEqualTo(pair.getPrivate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void read_sec1_isTheKey(String curve) throws Exception {
        KeyPair pair = pair(curve);
        // SEC1 in a file names its curve, which PKCS#8 has outside.
        List<Der> parts = Der.read(inner(pair)).children();
        byte[] oid = Der.read(pair.getPrivate().getEncoded()).child(1).child(1).encoded();
        byte[] sec1 =
                Der.write(Der.SEQUENCE, parts.get(0).encoded(), parts.get(1).encoded(), Der.write(0xa0, oid));

        String file = Pem.write("EC PARAMETERS", oid) + Pem.write("EC PRIVATE KEY", sec1);

        assertThat(PrivateKeys.match(PrivateKeys.read(text(file), null), pair.getPublic()))
                .isTrue();
    }

    @Test
    void read_encryptedPkcs8_needsThePassword() throws Exception {
        KeyPair pair = pair("RSA");
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE, SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSWORD)));
        // The JDK's encoding of the parameters is the whole AlgorithmIdentifier in some versions.
        byte[] parameters = cipher.getParameters().getEncoded();
        byte[] pbes2 = {Der.OID, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 5, 13};
        byte[] identifier = Der.read(parameters).child(0).tag() == Der.OID
                ? parameters
                : Der.write(Der.SEQUENCE, pbes2, parameters);
        byte[] encrypted = Der.write(
                Der.SEQUENCE,
                identifier,
                Der.write(Der.OCTET_STRING, cipher.doFinal(pair.getPrivate().getEncoded())));
        byte[] pem = text(Pem.write("ENCRYPTED PRIVATE KEY", encrypted));

        assertThat(PrivateKeys.read(pem, PASSWORD)).isEqualTo(pair.getPrivate());
        assertThatThrownBy(() -> PrivateKeys.read(pem, null)).hasMessageContaining("no password");
        assertThatThrownBy(() -> PrivateKeys.read(pem, "wrong".toCharArray()))
                .isInstanceOf(SecretException.class)
                .hasMessageNotContaining("wrong");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\n!!secret!!\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nc2VjcmV0",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nc2VjcmV0\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN DSA PRIVATE KEY-----\nc2VjcmV0\n-----END DSA PRIVATE KEY-----"
            })
    void read_whatIsNoKey_isRefusedWithoutItsContent(String pem) {
        assertThatThrownBy(() -> PrivateKeys.read(text(pem), null))
                .isInstanceOf(SecretException.class)
                .hasMessageNotContaining("secret")
                .hasMessageNotContaining("c2VjcmV0")
                .hasNoCause();
    }

    @Test
    void identity_pkcs12_isCertificateAndKey() throws Exception {
        X509Bundle root = MeshTlsTest.root("root");
        X509Bundle leaf = MeshTlsTest.workload(root, "spiffe://a/b");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", leaf.getKeyPair().getPrivate(), PASSWORD, new Certificate[] {leaf.getCertificate()});
        ByteArrayOutputStream container = new ByteArrayOutputStream();
        store.store(container, PASSWORD);
        DataReader data = new DataReader(TlsOptions.DEFAULT, name -> null);

        Identity identity = Identity.read(
                new Secret.Certificate(
                        null,
                        null,
                        DataSource.Inline.of(new String(PASSWORD)),
                        new DataSource.Inline(container.toByteArray())),
                data);

        assertThat(identity.chain()).containsExactly(leaf.getCertificate());
        assertThat(identity.key()).isEqualTo(leaf.getKeyPair().getPrivate());
    }

    @Test
    void identity_keyOfAnother_isRefused() throws Exception {
        X509Bundle one = MeshTlsTest.root("one");
        X509Bundle two = MeshTlsTest.root("two");
        Secret.Certificate mixed = Secret.Certificate.of(
                DataSource.Inline.of(one.getCertificatePEM()), DataSource.Inline.of(two.getPrivateKeyPEM()));

        assertThatThrownBy(() -> Identity.read(mixed, new DataReader(TlsOptions.DEFAULT, name -> null)))
                .hasMessage("the private key does not belong to the certificate CN=one");
    }
}
