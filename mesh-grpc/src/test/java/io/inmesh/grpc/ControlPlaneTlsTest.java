package io.inmesh.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.UpstreamTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlPlaneTlsTest {
    private static final Path CA = Path.of("/ca.pem");
    private static final String KEY = "A".repeat(43) + "=";

    @AfterEach
    void forget() {
        System.clearProperty(ControlPlaneTls.SKIP_VERIFY);
    }

    @ParameterizedTest
    @CsvSource({
        "istiod.istio-system.svc:15012, istiod.istio-system.svc, false",
        "dns:///istiod:15012, istiod, false",
        "dns://8.8.8.8/istiod:15012, istiod, false",
        "istiod, istiod, false",
        "10.0.0.1:15012, 10.0.0.1, false",
        "127.0.0.1:15012, 127.0.0.1, true",
        "LocalHost:15012, LocalHost, true",
        "[::1]:15012, ::1, true",
        "[2001:db8::1]:1, 2001:db8::1, false",
        "unix:/a/b.sock, localhost, true",
        "localhost.evil.example:1, localhost.evil.example, false",
    })
    void targets_hostAndWhetherItIsThisMachine(String target, String host, boolean here) {
        assertThat(Targets.host(target)).isEqualTo(host);
        assertThat(Targets.isThisMachine(target)).isEqualTo(here);
    }

    @Test
    void settings_roots_checkAndSendTheHost() {
        UpstreamTls settings = ControlPlaneTls.to("istiod:15012").trust(CA).settings();
        assertThat(settings.sni()).isEqualTo("istiod");
        assertThat(names(settings)).singleElement().satisfies(name -> {
            assertThat(name.type()).isEqualTo(SubjectAltNameMatcher.Type.DNS);
            assertThat(name.matcher().matches("istiod")).isTrue();
            assertThat(name.matcher().matches("istiod.evil.example")).isFalse();
        });
    }

    @Test
    void settings_addressAsHost_checksItAndSendsNoName() {
        UpstreamTls settings =
                ControlPlaneTls.to("[2001:0DB8::0:1]:15012").trust(CA).settings();
        assertThat(settings.sni()).isEmpty();
        assertThat(names(settings)).singleElement().satisfies(name -> {
            assertThat(name.type()).isEqualTo(SubjectAltNameMatcher.Type.IP_ADDRESS);
            assertThat(name.matcher().matches("2001:db8::1")).isTrue();
        });
    }

    @Test
    void settings_pinAlone_checksNoNameUnlessOneIsGiven() {
        assertThat(names(ControlPlaneTls.to("cp:5678").pinPublicKey(KEY).settings()))
                .isEmpty();
        assertThat(names(ControlPlaneTls.to("cp:5678")
                        .pinPublicKey(KEY)
                        .serverName("kuma-control-plane")
                        .settings()))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "not base64!", "sha256/AAAA"})
    void pinPublicKey_notASha256_saysWhatIsExpected(String pin) {
        assertThatThrownBy(() -> ControlPlaneTls.to("cp:1").pinPublicKey(pin))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected Base64 of the 32 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00ff", "zz", "0"})
    void pinCertificate_notASha256_saysWhatIsExpected(String pin) {
        assertThatThrownBy(() -> ControlPlaneTls.to("cp:1").pinCertificate(pin))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected the 32 bytes");
    }

    @Test
    void settings_nothingTrusted_isRefusedUnlessThePropertySaysSo() {
        ControlPlaneTls tls = ControlPlaneTls.to("cp:1");
        assertThatThrownBy(tls::settings)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The TLS to cp trusts nothing");
        System.setProperty(ControlPlaneTls.SKIP_VERIFY, "true");
        UpstreamTls settings = tls.settings();
        ControlPlaneTls.requireVerification("cp:1", settings);
        System.clearProperty(ControlPlaneTls.SKIP_VERIFY);
        assertThatThrownBy(() -> ControlPlaneTls.requireVerification("cp:1", settings))
                .hasMessageContaining("The TLS to cp:1 trusts nothing");
    }

    private static List<SubjectAltNameMatcher> names(UpstreamTls settings) {
        return Objects.requireNonNull(settings.common().validation()).subjectAltNames();
    }
}
