package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.transport.Pem;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class MaterialTest {
    private static final X509Bundle ROOT = TestIdentity.root("root");
    private static final X509Bundle OTHER = TestIdentity.root("other");
    private static final X509Bundle EC = TestIdentity.workload(ROOT);

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
    void certificate_keyInPkcs8_isTaken(Algorithm algorithm) throws BadMaterialException {
        X509Bundle workload = TestIdentity.workload(ROOT, algorithm);
        assertThat(Material.certificate(workload.getCertificatePathPEM(), workload.getPrivateKeyPEM()))
                .isNotNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"ecp256", "ecp384", "rsa2048"})
    void certificate_keyInItsOlderForm_isTaken(Algorithm algorithm) throws Exception {
        X509Bundle workload = TestIdentity.workload(ROOT, algorithm);
        PrivateKeyInfo pkcs8 =
                PrivateKeyInfo.getInstance(workload.getKeyPair().getPrivate().getEncoded());
        byte[] inner = algorithm == Algorithm.rsa2048
                ? pkcs8.parsePrivateKey().toASN1Primitive().getEncoded()
                : sec1(pkcs8, algorithm == Algorithm.ecp384 ? 384 : 256);
        String label = algorithm == Algorithm.rsa2048 ? "RSA PRIVATE KEY" : "EC PRIVATE KEY";
        String key = Pem.write("EC PARAMETERS", new byte[] {6, 8, 42, (byte) 134, 72, (byte) 206, 61, 3, 1, 7})
                + Pem.write(label, inner);
        assertThat(Material.certificate(workload.getCertificatePathPEM(), key)).isNotNull();
    }

    /** With the curve in it, as OpenSSL writes it. */
    private static byte[] sec1(PrivateKeyInfo pkcs8, int bits) throws IOException {
        BigInteger secret = ECPrivateKey.getInstance(pkcs8.parsePrivateKey()).getKey();
        return new ECPrivateKey(bits, secret, pkcs8.getPrivateKeyAlgorithm().getParameters()).getEncoded();
    }

    static List<Arguments> unusable() {
        String chain = EC.getCertificatePathPEM();
        String key = EC.getPrivateKeyPEM();
        byte[] der = EC.getKeyPair().getPrivate().getEncoded();
        String other = TestIdentity.workload(ROOT).getPrivateKeyPEM();
        String rsa = TestIdentity.workload(ROOT, Algorithm.rsa2048).getPrivateKeyPEM();
        return List.of(
                Arguments.of(chain, other, "does not belong to the certificate"),
                Arguments.of(chain, rsa, "does not belong to the certificate"),
                Arguments.of("", key, "there is no certificate"),
                Arguments.of(chain, "", "there is no private key"),
                Arguments.of(chain, chain, "there is no private key"),
                Arguments.of(chain.substring(0, chain.length() / 2), key, "certificate 1 cannot be read"),
                Arguments.of(chain, key.substring(0, key.length() / 2), "PRIVATE KEY does not end"),
                Arguments.of(Pem.write("CERTIFICATE", new byte[] {0x30, 5, 1}), key, "certificate 1 cannot be read"),
                Arguments.of(chain, Pem.write("PRIVATE KEY", new byte[] {0x30, 5, 1}), "PRIVATE KEY cannot be read"),
                Arguments.of(chain, Pem.write("ENCRYPTED PRIVATE KEY", der), "the private key is encrypted"));
    }

    @ParameterizedTest
    @MethodSource
    void unusable(String chain, String key, String reason) {
        assertThatThrownBy(() -> Material.certificate(chain, key))
                .isInstanceOf(BadMaterialException.class)
                .hasMessageContaining(reason)
                .satisfies(e -> assertThat(e).hasNoCause());
    }

    @Test
    void union_rootInBoth_isThereOnce() throws BadMaterialException {
        String both = Material.union(ROOT.getCertificatePEM(), OTHER.getCertificatePEM() + ROOT.getCertificatePEM());
        assertThat(Material.certificates(both)).containsExactly(ROOT.getCertificate(), OTHER.getCertificate());
    }
}
