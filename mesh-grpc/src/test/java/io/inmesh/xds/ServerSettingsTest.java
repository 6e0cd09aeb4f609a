package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.grpc.TokenFile;
import io.inmesh.model.DataSource;
import io.inmesh.model.Secret;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.UpstreamTls;
import io.inmesh.xds.protocol.XdsServer;
import io.inmesh.xds.protocol.XdsServer.Security;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServerSettingsTest {
    private static final String KEY = "A".repeat(43) + "=";
    private static final String HASH = "AB:".repeat(31) + "AB";

    @AfterEach
    void forget() {
        System.clearProperty(ControlPlaneTls.SKIP_VERIFY);
    }

    @Test
    void server_nothingSet_isPlaintextWithoutToken() {
        XdsServer server = server("cp:1", Map.of());
        assertThat(server.security()).isEqualTo(new Security.Plaintext());
        assertThat(server.token()).isNull();
    }

    @Test
    void server_allOfTls_isInTheSettings() {
        UpstreamTls tls = tls(server(
                "cp:1",
                Map.of(
                        "inmesh.xds.ca", "/ca.pem",
                        "inmesh.xds.pin", "sha256/" + KEY + ", " + HASH,
                        "inmesh.xds.server-name", "istiod.istio-system.svc",
                        "inmesh.xds.client-cert", "/tls.crt",
                        "inmesh.xds.client-key", "/tls.key")));
        Secret.Validation validation = Objects.requireNonNull(tls.common().validation());
        assertThat(validation.trustedCa()).isEqualTo(new DataSource.File("/ca.pem", null));
        assertThat(validation.certificateSpki()).containsExactly(KEY);
        assertThat(validation.certificateHashes()).containsExactly("ab".repeat(32));
        assertThat(tls.sni()).isEqualTo("istiod.istio-system.svc");
        assertThat(tls.common().certificates())
                .containsExactly(new CertificateSource.Given(Secret.Certificate.of(
                        new DataSource.File("/tls.crt", null), new DataSource.File("/tls.key", null))));
    }

    @Test
    void server_systemRoots_haveNoFile() {
        Secret.Validation validation = Objects.requireNonNull(
                tls(server("cp:1", Map.of("inmesh.xds.ca", "system"))).common().validation());
        assertThat(validation.systemRoots()).isTrue();
        assertThat(validation.trustedCa()).isNull();
    }

    @Test
    void server_token_inEachScheme() {
        Path file = Path.of("/token");
        assertThat(server("cp:1", Map.of("inmesh.xds.token-file", "/token")).token())
                .isEqualTo(TokenFile.bearer(file));
        assertThat(server("cp:1", Map.of("inmesh.xds.token-file", "/token", "inmesh.xds.token-scheme", "raw"))
                        .token())
                .isEqualTo(TokenFile.raw(file));
        assertThat(server("cp:1", Map.of("inmesh.xds.token-file", "/token", "inmesh.xds.token-over-plaintext", "true"))
                        .token())
                .isEqualTo(TokenFile.bearer(file).allowedOverPlaintext());
    }

    @Test
    void server_skipVerify_isTlsWithoutTrust() {
        System.setProperty(ControlPlaneTls.SKIP_VERIFY, "true");
        assertThat(tls(server("cp:1", Map.of())).common().validation()).isEqualTo(Secret.Validation.NONE);
    }

    static List<Arguments> mistakes() {
        return List.of(
                Arguments.of(Map.of("inmesh.xds.pin", "abc"), "inmesh.xds.pin=abc: expected sha256/BASE64"),
                Arguments.of(
                        Map.of("inmesh.xds.ca", "/ca", "inmesh.xds.client-key", "/k"),
                        "inmesh.xds.client-key=/k: expected inmesh.xds.client-cert beside it"),
                Arguments.of(
                        Map.of("inmesh.xds.ca", "/ca", "inmesh.xds.client-cert", "/c"),
                        "inmesh.xds.client-cert=/c: expected inmesh.xds.client-key beside it"),
                Arguments.of(Map.of("inmesh.xds.server-name", "cp"), "trusts nothing"),
                Arguments.of(
                        Map.of("inmesh.xds.token-file", "/t", "inmesh.xds.token-scheme", "basic"),
                        "inmesh.xds.token-scheme=basic: expected bearer or raw"),
                Arguments.of(
                        Map.of("inmesh.xds.token-file", "/t"),
                        "The token in /t would travel to cp:15010 in the clear"));
    }

    @ParameterizedTest
    @MethodSource
    void mistakes(Map<String, String> properties, String message) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("inmesh.xds.server", "cp:15010");
        assertThatThrownBy(() -> new XdsSourceProvider(all::get, name -> null).find())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }

    @Test
    void find_tokenToThisMachine_needsNoTls() {
        Map<String, String> properties = Map.of("inmesh.xds.server", "127.0.0.1:15010", "inmesh.xds.token-file", "/t");
        try (XdsSource source = (XdsSource)
                new XdsSourceProvider(properties::get, name -> null).find().orElseThrow()) {
            assertThat(source.bootstrap().servers().get(0).token()).isEqualTo(TokenFile.bearer(Path.of("/t")));
        }
    }

    @Test
    void find_bootstrapAndServerSettings_isAnErrorRatherThanPassedOver() {
        Map<String, String> environment = Map.of(
                "INMESH_XDS_CLIENT_KEY",
                "/k",
                "GRPC_XDS_BOOTSTRAP_CONFIG",
                "{\"xds_servers\": [{\"server_uri\": \"cp:1\", \"channel_creds\": [{\"type\": \"insecure\"}]}]}");
        assertThatThrownBy(() -> new XdsSourceProvider(name -> null, environment::get).find())
                .hasMessageContaining("INMESH_XDS_CLIENT_KEY counts together with inmesh.xds.server only");
    }

    private static XdsServer server(String target, Map<String, String> properties) {
        return new ServerSettings(new Settings(properties::get, name -> null)).server(target);
    }

    private static UpstreamTls tls(XdsServer server) {
        return ((Security.Tls) server.security()).settings();
    }
}
