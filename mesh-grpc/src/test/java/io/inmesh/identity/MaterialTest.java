package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
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
        byte[] inner = PrivateKeyInfo.getInstance(
                        workload.getKeyPair().getPrivate().getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
        String label = algorithm == Algorithm.rsa2048 ? "RSA PRIVATE KEY" : "EC PRIVATE KEY";
        String key = PemBlock.write("EC PARAMETERS", Der.oid("1.2.840.10045.3.1.7")) + PemBlock.write(label, inner);
        assertThat(Material.certificate(workload.getCertificatePathPEM(), key)).isNotNull();
    }

    static List<Arguments> unusable() {
        String chain = EC.getCertificatePathPEM();
        String key = EC.getPrivateKeyPEM();
        byte[] der = EC.getKeyPair().getPrivate().getEncoded();
        return List.of(
                Arguments.of(chain, TestIdentity.workload(ROOT).getPrivateKeyPEM(), "is not that of the certificate"),
                Arguments.of(
                        chain,
                        TestIdentity.workload(ROOT, Algorithm.rsa2048).getPrivateKeyPEM(),
                        "is not a whole EC key, which the certificate would need"),
                Arguments.of("", key, "has no certificate"),
                Arguments.of(chain, "", "has no private key"),
                Arguments.of(chain, chain, "has no private key"),
                Arguments.of(chain.substring(0, chain.length() / 2), key, "a PEM block that is not whole"),
                Arguments.of(chain, key.substring(0, key.length() - 9), "a PEM block that is not whole"),
                Arguments.of(
                        PemBlock.write("CERTIFICATE", new byte[] {0x30, 5, 1}), key, "a certificate that is not whole"),
                Arguments.of(PemBlock.write("CERTIFICATE", Der.sequence()), key, "has a certificate that is not whole"),
                Arguments.of(PemBlock.write("CERTIFICATE", Der.sequence(Der.integer(1))), key, "that cannot be parsed"),
                Arguments.of(chain, PemBlock.write("ENCRYPTED PRIVATE KEY", der), "the private key is encrypted"));
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
        assertThat(Material.bodies(both)).containsExactly(encoded(ROOT), encoded(OTHER));
    }

    @Test
    void pemBlock_toString_showsNoByteOfAKey() throws BadMaterialException {
        PemBlock block = PemBlock.parse(EC.getPrivateKeyPEM()).get(0);
        String text = Base64.getEncoder().encodeToString(block.der());
        assertThat(block.toString()).isEqualTo("PRIVATE KEY of " + block.der().length + " bytes");
        assertThat(block.toString()).doesNotContain(text.substring(0, 8));
    }

    private static byte[] encoded(X509Bundle bundle) {
        try {
            return bundle.getCertificate().getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
