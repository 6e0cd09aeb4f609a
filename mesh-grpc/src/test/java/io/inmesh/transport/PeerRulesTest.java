package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.Secret;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PeerRulesTest {

    static List<VerificationCase> cases() throws Exception {
        return VerificationCase.all();
    }

    private static PeerRules rules(Secret.Validation validation) throws SecretException {
        return PeerRules.read(validation, true, new DataReader(TlsOptions.DEFAULT, name -> null), Clock.systemUTC());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void verify_table_decidesAsEnvoyDoes(VerificationCase each) throws Exception {
        PeerRules rules = rules(each.validation());
        X509Certificate[] chain = each.shown().toArray(X509Certificate[]::new);

        if (each.accepted()) {
            assertThatCode(() -> rules.verify(chain, CertificatePurpose.CLIENT, "", List.of()))
                    .doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> rules.verify(chain, CertificatePurpose.CLIENT, "", List.of()))
                    .isInstanceOf(CertificateException.class);
        }
    }

    @Test
    void read_namesWithoutRoots_isRefused() {
        Secret.Validation validation = Settings.named(
                Secret.Validation.NONE,
                new SubjectAltNameMatcher(
                        SubjectAltNameMatcher.Type.URI, new StringMatcher.Prefix("spiffe://", false), ""));

        assertThatThrownBy(() -> rules(validation)).isInstanceOf(SecretException.class);
    }

    /** A JVM without {@code cacerts}. */
    @Test
    void read_systemRootsWhereTheSystemHasNone_isRefused() {
        Secret.Validation validation =
                new Secret.Validation(null, true, null, List.of(), List.of(), List.of(), null, false, false, false, -1);
        DataReader data = new DataReader(TlsOptions.DEFAULT, name -> null);

        assertThatThrownBy(() -> PeerRules.read(validation, false, data, Clock.systemUTC(), List::of))
                .isInstanceOf(SecretException.class)
                .hasMessageContaining("the JVM has none");
    }

    @Test
    void verify_moreCertificatesThanAnyChainHas_isRefusedBeforeOneIsLookedAt() throws Exception {
        X509Bundle root = MeshTlsTest.root("root");
        X509Certificate[] chain = new X509Certificate[17];
        Arrays.fill(chain, root.getCertificate());
        chain[0] = MeshTlsTest.workload(root, "spiffe://cluster.local/x").getCertificate();

        assertThatThrownBy(() -> rules(Settings.trust(root)).verify(chain, CertificatePurpose.CLIENT, "", List.of()))
                .hasMessage("the peer sent 17 certificates");
    }

    /** A stranger's key must not cost a second to look at. */
    @ParameterizedTest
    @CsvSource({"2048, true", "8192, true", "8193, false", "16384, false"})
    void mayHaveSigned_rsaKeyOfThatSize_onlyUpToABound(int bits, boolean may) throws Exception {
        PublicKey key = KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(
                        BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE), RSAKeyGenParameterSpec.F4));
        X509Bundle root = MeshTlsTest.root("root");
        X509Certificate issuer = new CertificateBuilder()
                .subject("CN=root")
                .publicKey(key)
                .buildIssuedBy(root)
                .getCertificate();
        X509Certificate leaf = MeshTlsTest.root("leaf").getCertificate();

        assertThat(IssuerKeys.mayHaveSigned(leaf, issuer)).isEqualTo(may);
    }

    /** To write this one in decimal takes seconds. */
    @Test
    void names_objectIdentifierOfNinetyKilobytes_isRefused() throws Exception {
        byte[] oid = new byte[90_000];
        Arrays.fill(oid, (byte) 0xff);
        oid[oid.length - 1] = 0x7f;
        byte[] name = Der.write(0xa0, Der.write(Der.OID, oid), Der.write(0xa0, Der.write(0x0c, new byte[] {'x'})));
        X509Bundle root = MeshTlsTest.root("root");
        X509Certificate[] chain = {
            new CertificateBuilder()
                    .subject("CN=x")
                    .addExtensionOctetString("2.5.29.17", false, Der.write(Der.SEQUENCE, name))
                    .buildIssuedBy(root)
                    .getCertificate()
        };

        assertThatThrownBy(() -> rules(Settings.trust(root)).verify(chain, CertificatePurpose.CLIENT, "", List.of()))
                .hasMessage("the names of the peer's certificate cannot be read");
    }

    @Test
    void verify_nothingAsked_acceptsAndSaysThatNobodyIsKnown() throws Exception {
        X509Certificate[] chain = {MeshTlsTest.root("anybody").getCertificate()};

        assertThat(rules(Secret.Validation.NONE).verify(chain, CertificatePurpose.CLIENT, "", List.of()))
                .isFalse();
    }
}
