package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.Secret;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    @Test
    void verify_nothingAsked_acceptsAndSaysThatNobodyIsKnown() throws Exception {
        X509Certificate[] chain = {MeshTlsTest.root("anybody").getCertificate()};

        assertThat(rules(Secret.Validation.NONE).verify(chain, CertificatePurpose.CLIENT, "", List.of()))
                .isFalse();
    }
}
