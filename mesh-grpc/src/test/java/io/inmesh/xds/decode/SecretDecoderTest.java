package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.PrivateKeyProvider;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.inmesh.model.Secret.Certificate;
import io.inmesh.model.Secret.TicketKeys;
import io.inmesh.model.Secret.Validation;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretDecoderTest {
    private static final String KEY = "c3VwZXItc2VjcmV0LWtleQ";

    @Test
    void decode_eachKind_isWhatTlsUses() {
        assertThat(Yaml.accepted(Yaml.secret("tls_certificate: {certificate_chain: {inline_string: chain}, private_key:"
                        + " {inline_bytes: a2V5}, password: {inline_string: pw}}")))
                .isEqualTo(new Certificate(
                        io.inmesh.model.DataSource.Inline.of("chain"),
                        io.inmesh.model.DataSource.Inline.of("key"),
                        io.inmesh.model.DataSource.Inline.of("pw"),
                        null));
        assertThat(Yaml.accepted(Yaml.secret("tls_certificate: {pkcs12: {inline_string: p12}}")))
                .isEqualTo(new Certificate(null, null, null, io.inmesh.model.DataSource.Inline.of("p12")));
        assertThat(Yaml.accepted(Yaml.secret("validation_context: {trusted_ca: {inline_string: roots}}")))
                .isEqualTo(Validation.of(io.inmesh.model.DataSource.Inline.of("roots")));
        assertThat(Yaml.accepted(Yaml.secret("session_ticket_keys: {keys: [{filename: /k}]}")))
                .isEqualTo(new TicketKeys(List.of(new io.inmesh.model.DataSource.File("/k", null))));
    }

    @Test
    void decode_namesWithoutRoots_areLeftToThoseWhoCombineThem() {
        assertThat(Yaml.accepted(Yaml.secret("validation_context: {match_subject_alt_names: [{exact: a}]}")))
                .isInstanceOf(Validation.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                              | Secret "s": has neither a certificate nor roots nor keys
            {generic_secret: {secret: {inline_string: KEY}}}                | Secret "s": generic_secret: is nothing that TLS could use
            {tls_certificate: {private_key: {inline_string: KEY}}}          | Secret "s": tls_certificate.certificate_chain: is required of a certificate
            {session_ticket_keys: {keys: [{inline_string: KEY}]}}           | Secret "s": session_ticket_keys.keys[0]: must have 80 bytes
            {validation_context: {ca_certificate_provider_instance: {instance_name: default}}} | Secret "s": validation_context.ca_certificate_provider_instance: is not supported in a secret
            {validation_context: {require_signed_certificate_timestamp: true}} | Secret "s": validation_context.require_signed_certificate_timestamp: is not supported
            """)
    void decode_whatTlsCannotUse_isRejectedWithoutAWordOfItsContent(String yaml, String expected) {
        assertThat(Yaml.reason(Yaml.secret(yaml.replace("KEY", KEY)))).isEqualTo(expected);
    }

    @Test
    void decode_keyOfAProvider_isRejected() {
        Secret secret = secret().toBuilder()
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setPrivateKeyProvider(PrivateKeyProvider.newBuilder().setProviderName("p")))
                .build();

        assertThat(Yaml.reason(ResourceDecoder.secret("s", Any.pack(secret))))
                .isEqualTo("Secret \"s\": tls_certificate.private_key_provider: is not supported");
    }

    @Test
    void texts_ofASecret_neverShowItsKey() {
        Any any = Any.pack(secret());
        Any broken = any.toBuilder()
                .setValue(any.getValue().substring(0, any.getValue().size() - 1))
                .build();
        RawResource raw = new RawResource(ResourceKind.SECRET, "s", "1", any);

        assertThat(List.of(
                        ResourceDecoder.secret("s", any).toString(),
                        ResourceDecoder.secret("s", broken).toString(),
                        ResourceDecoder.secret("other", any).toString(),
                        raw.toString(),
                        List.of(raw).toString()))
                .allSatisfy(text -> assertThat(text).doesNotContain(KEY, "c3VwZXI"));
    }

    private static Secret secret() {
        return Secret.newBuilder()
                .setName("s")
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(DataSource.newBuilder().setInlineString("chain"))
                        .setPrivateKey(DataSource.newBuilder().setInlineString(KEY)))
                .build();
    }
}
