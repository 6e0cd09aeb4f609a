package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext.OcspStaplePolicy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.inmesh.model.DataSource;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.Secret;
import io.inmesh.model.Secret.TrustDomain;
import io.inmesh.model.Secret.Validation;
import io.inmesh.model.SecretName;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.SubjectAltNameMatcher;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.TlsContext.Version;
import io.inmesh.model.TransportSocket;
import io.inmesh.model.UpstreamTls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsDecoderTest {
    private static final String HASH = "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef";

    private static UpstreamTls tls(String context) {
        TransportSocket socket =
                Yaml.accepted(TlsYaml.upstream(context)).cluster().transport();
        assertThat(socket).isInstanceOf(TransportSocket.Tls.class);
        return ((TransportSocket.Tls) socket).settings();
    }

    private static Validation validation(String context) {
        return Objects.requireNonNull(tls("common_tls_context: {validation_context: {" + context + "}}")
                .common()
                .validation());
    }

    @Test
    void upstream_nothingSet_hasEnvoysDefaults() {
        assertThat(tls("sni: ''"))
                .isEqualTo(new UpstreamTls(
                        new TlsContext(TlsContext.Parameters.DEFAULT, List.of(), null, null, List.of()),
                        "",
                        false,
                        false,
                        1));
    }

    @Test
    void upstream_everythingByPlace_isThere() {
        UpstreamTls tls = tls("""
                sni: outbound_.9080_._.reviews, auto_host_sni: true, auto_sni_san_validation: true, max_session_keys: 0,
                enforce_rsa_key_usage: true, common_tls_context: {alpn_protocols: [istio-peer-exchange, 'istio,h2'],
                tls_certificates: [CERT], validation_context: {CA},
                tls_params: {tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_3,
                cipher_suites: ['[A|B]'], ecdh_curves: [P-256], signature_algorithms: [rsa_pss_rsae_sha256]}}""");

        assertThat(tls)
                .isEqualTo(new UpstreamTls(
                        new TlsContext(
                                new TlsContext.Parameters(
                                        Version.TLS_1_2, Version.TLS_1_3, List.of("[A|B]"), List.of("P-256")),
                                List.of(new CertificateSource.Given(Secret.Certificate.of(
                                        new DataSource.File("/c.pem", null), new DataSource.File("/k.pem", null)))),
                                Validation.of(new DataSource.File("/ca.pem", null)),
                                null,
                                List.of("istio-peer-exchange", "istio", "h2")),
                        "outbound_.9080_._.reviews",
                        true,
                        true,
                        0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            {name: s}                                                                                  | ''
            {name: s, sds_config: {ads: {}}}                                                           | ''
            {name: s, sds_config: {self: {}}}                                                          | ''
            {name: s, sds_config: {api_config_source: {api_type: AGGREGATED_GRPC}}}                    | ''
            {name: s, sds_config: {path_config_source: {path: /sds.yaml}}}                             | file:/sds.yaml
            {name: s, sds_config: {path: /sds.yaml}}                                                   | file:/sds.yaml
            {name: s, sds_config: {api_config_source: {api_type: GRPC, grpc_services: [{envoy_grpc: {cluster_name: sds-grpc}}]}}}       | cluster:sds-grpc
            {name: s, sds_config: {api_config_source: {api_type: DELTA_GRPC, grpc_services: [{envoy_grpc: {cluster_name: sds-grpc}}]}}} | cluster:sds-grpc
            """)
    void upstream_secretsBySds_haveTheirSource(String config, String source) {
        TlsContext common = tls("common_tls_context: {tls_certificate_sds_secret_configs: [" + config
                        + "], combined_validation_context: {default_validation_context: {match_typed_subject_alt_names:"
                        + " [{san_type: URI, matcher: {exact: spiffe://a/b}}]}, validation_context_sds_secret_config: "
                        + config + "}}")
                .common();

        SecretName name = new SecretName(source, "s");
        assertThat(common.certificates()).containsExactly(new CertificateSource.Sds(name));
        assertThat(common.validationSecret()).isEqualTo(name);
        assertThat(common.secrets()).containsExactly(name, name);
        assertThat(Objects.requireNonNull(common.validation()).subjectAltNames())
                .hasSize(1);
    }

    /** As istiod's generator for gRPC writes them, of one age and the other; the workload's identity by the names that a sidecar is told. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tls_certificate_provider_instance: {instance_name: default, certificate_name: default}                                                              | validation_context: {match_subject_alt_names: [{exact: a}], ca_certificate_provider_instance: {instance_name: default, certificate_name: anchors}} | anchors
            tls_certificate_provider_instance: {instance_name: default}                                                                                         | combined_validation_context: {default_validation_context: {match_subject_alt_names: [{exact: a}], ca_certificate_provider_instance: {instance_name: default}}} | ROOTCA
            tls_certificate_certificate_provider_instance: {instance_name: default, certificate_name: default}                                                  | combined_validation_context: {default_validation_context: {match_subject_alt_names: [{exact: a}]}, validation_context_certificate_provider_instance: {instance_name: default, certificate_name: anchors}} | anchors
            tls_certificate_provider_instance: {instance_name: default}, tls_certificate_certificate_provider_instance: {instance_name: old, certificate_name: o} | combined_validation_context: {default_validation_context: {match_subject_alt_names: [{exact: a}], ca_certificate_provider_instance: {instance_name: default}}, validation_context_certificate_provider_instance: {instance_name: old}} | ROOTCA
            """)
    void upstream_providersOfGrpc_areTheWorkloadsOwnSecrets(String certificate, String roots, String name) {
        TlsContext common =
                tls("common_tls_context: {" + certificate + ", " + roots + "}").common();

        assertThat(common.certificates())
                .containsExactly(new CertificateSource.Sds(new SecretName("cluster:sds-grpc", "default")));
        assertThat(common.validationSecret()).isEqualTo(new SecretName("cluster:sds-grpc", name));
        assertThat(Objects.requireNonNull(common.validation()).subjectAltNames())
                .hasSize(4);
    }

    @Test
    void upstream_providerOfRootsAlone_isASecret() {
        TlsContext common =
                tls("common_tls_context: {validation_context_certificate_provider_instance: {instance_name: default}}")
                        .common();

        assertThat(common.certificates()).isEmpty();
        assertThat(common.validation()).isNull();
        assertThat(common.validationSecret()).isEqualTo(new SecretName("cluster:sds-grpc", "ROOTCA"));
    }

    @Test
    void validation_everything_isThere() {
        Validation validation = validation("CA, crl: {environment_variable: CRL}, only_verify_leaf_cert_crl: true,"
                + " allow_expired_certificate: true, trust_chain_verification: ACCEPT_UNTRUSTED, max_verify_depth: 3,"
                + " system_root_certs: {}, verify_certificate_spki: ['" + "A".repeat(43) + "='],"
                + " verify_certificate_hash: ['" + HASH + "', '" + HASH.replaceAll("..(?=.)", "$0:") + "']");

        String hash = "0123456789abcdef".repeat(4);
        assertThat(validation)
                .isEqualTo(new Validation(
                        new DataSource.File("/ca.pem", null),
                        true,
                        null,
                        List.of(),
                        List.of("A".repeat(43) + "="),
                        List.of(hash, hash),
                        new DataSource.Environment("CRL"),
                        true,
                        true,
                        true,
                        3));
    }

    @Test
    void validation_names_typedAndUntyped() {
        Validation validation = validation("CA, match_typed_subject_alt_names: [{san_type: OTHER_NAME, oid: 1.2.3,"
                + " matcher: {suffix: x}}], match_subject_alt_names: [{exact: spiffe://cluster.local/ns/a/sa/b}]");

        StringMatcher exact = new StringMatcher.Exact("spiffe://cluster.local/ns/a/sa/b", false);
        assertThat(validation.subjectAltNames())
                .containsExactly(
                        new SubjectAltNameMatcher(
                                SubjectAltNameMatcher.Type.OTHER_NAME, new StringMatcher.Suffix("x", false), "1.2.3"),
                        new SubjectAltNameMatcher(SubjectAltNameMatcher.Type.DNS, exact, ""),
                        new SubjectAltNameMatcher(SubjectAltNameMatcher.Type.URI, exact, ""),
                        new SubjectAltNameMatcher(SubjectAltNameMatcher.Type.EMAIL, exact, ""),
                        new SubjectAltNameMatcher(SubjectAltNameMatcher.Type.IP_ADDRESS, exact, ""));
    }

    @Test
    void validation_spiffe_hasARootForEachTrustDomain() {
        Validation validation = validation("match_typed_subject_alt_names: [{san_type: URI, matcher: {prefix:"
                + " spiffe://a/}}], custom_validator_config: SPIFFE[trust_domains: [{name: a, trust_bundle: {filename: /a}},"
                + " {name: b, trust_bundle: {inline_string: PEM}}]]~");

        assertThat(validation.trustDomains())
                .containsExactly(
                        new TrustDomain("a", new DataSource.File("/a", null)),
                        new TrustDomain("b", DataSource.Inline.of("PEM")));
    }

    @Test
    void certificate_watchedDirectory_isThatOfTheSourceOrElseOfTheCertificate() {
        TlsContext common = tls("common_tls_context: {tls_certificates: [{watched_directory: {path: /w},"
                        + " certificate_chain: {filename: /c}, private_key: {filename: /k, watched_directory: {path: /o}},"
                        + " password: {inline_string: secret}}]}")
                .common();

        assertThat(common.certificates())
                .containsExactly(new CertificateSource.Given(new Secret.Certificate(
                        new DataSource.File("/c", "/w"),
                        new DataSource.File("/k", "/o"),
                        DataSource.Inline.of("secret"),
                        null)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            auto_sni_san_validation: true                                                                 | auto_sni_san_validation: needs a trusted_ca
            sni: "\\0"                                                                                    | sni: must not have a NUL character
            common_tls_context: {alpn_protocols: [a, '']}                                                 | common_tls_context.alpn_protocols: must have names of 1 to 255 bytes
            common_tls_context: {tls_certificates: [CERT, CERT]}                                          | common_tls_context: has more than one certificate, of which a client can show one
            common_tls_context: {tls_certificates: [CERT], tls_certificate_sds_secret_configs: [{name: a}]} | common_tls_context: has more than one certificate, of which a client can show one
            common_tls_context: {tls_certificates: [{private_key: {filename: /k}}]}                       | common_tls_context.tls_certificates[0].certificate_chain: is required of a certificate
            common_tls_context: {tls_certificates: [{certificate_chain: {filename: /c}, private_key: {inline_string: ''}}]} | common_tls_context.tls_certificates[0].private_key: is required of a certificate
            common_tls_context: {tls_certificates: [{pkcs12: {filename: /p}, private_key: {filename: /k}}]} | common_tls_context.tls_certificates[0].private_key: must not be set beside pkcs12
            common_tls_context: {tls_certificate_sds_secret_configs: [{name: ''}]}                        | common_tls_context.tls_certificate_sds_secret_configs[0].name: must not be empty
            common_tls_context: {combined_validation_context: {default_validation_context: {}}}           | common_tls_context.combined_validation_context.validation_context_sds_secret_config: is required
            common_tls_context: {validation_context: {crl: {filename: /crl}}}                             | common_tls_context.validation_context.crl: is of no use without trusted_ca
            common_tls_context: {validation_context: {trusted_ca: {inline_string: ''}}}                   | common_tls_context.validation_context.trusted_ca: must not be empty
            common_tls_context: {validation_context: {trusted_ca: {}}}                                    | common_tls_context.validation_context.trusted_ca: one of filename, inline_bytes, inline_string, environment_variable must be set
            common_tls_context: {validation_context: {allow_expired_certificate: true}}                   | common_tls_context.validation_context.allow_expired_certificate: is of no use without trusted_ca
            common_tls_context: {validation_context: {match_subject_alt_names: [{exact: a}]}}             | common_tls_context.validation_context: has conditions on names, which are worth nothing without trusted_ca
            common_tls_context: {validation_context: {CA, max_verify_depth: 101}}                         | common_tls_context.validation_context.max_verify_depth: must be at most 100, is 101
            common_tls_context: {validation_context: {CA, match_typed_subject_alt_names: [{matcher: {exact: a}}]}} | common_tls_context.validation_context.match_typed_subject_alt_names[0].san_type: must not be SAN_TYPE_UNSPECIFIED
            common_tls_context: {validation_context: {CA, match_typed_subject_alt_names: [{san_type: OTHER_NAME, oid: upn, matcher: {exact: a}}]}} | common_tls_context.validation_context.match_typed_subject_alt_names[0].oid: "upn" is not an OID, as OTHER_NAME needs
            common_tls_context: {validation_context: {verify_certificate_hash: [ab]}}                     | common_tls_context.validation_context.verify_certificate_hash: item 0 must have at least 64 characters
            common_tls_context: {validation_context: {verify_certificate_hash: [zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef]}} | common_tls_context.validation_context.verify_certificate_hash[0]: "zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" is not SHA-256 in hexadecimal
            common_tls_context: {validation_context: {verify_certificate_spki: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA]}} | common_tls_context.validation_context.verify_certificate_spki[0]: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" is not SHA-256 in Base64
            common_tls_context: {validation_context: {custom_validator_config: SPIFFE[trust_domains: [{name: a}]]~}} | common_tls_context.validation_context.custom_validator_config.typed_config.trust_domains[0].trust_bundle: is required
            common_tls_context: {validation_context: {custom_validator_config: SPIFFE[trust_domains: [{name: a, trust_bundle: {filename: /a}}, {name: a, trust_bundle: {filename: /a}}]]~}} | common_tls_context.validation_context.custom_validator_config.typed_config.trust_domains[1].name: "a" is there twice
            """)
    void upstream_whatEnvoyRefuses_isRejectedByField(String context, String expected) {
        assertThat(Yaml.reason(TlsYaml.upstream(context)))
                .isEqualTo("Cluster \"c\": transport_socket.typed_config." + expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            common_tls_context: {custom_handshaker: {name: a, typed_config: ANY}}                           | common_tls_context.custom_handshaker: is not supported
            common_tls_context: {custom_tls_certificate_selector: {name: a, typed_config: ANY}}             | common_tls_context.custom_tls_certificate_selector: is not supported
            common_tls_context: {tls_certificate_provider_instance: {instance_name: a}}                     | common_tls_context: the tls_certificate_provider_instance "a" is not supported, only "default" is, the workload's own identity
            common_tls_context: {tls_params: {compliance_policies: [FIPS_202205]}}                          | common_tls_context.tls_params.compliance_policies: is not supported
            common_tls_context: {tls_certificates: [{certificate_chain: {filename: /c}, private_key_provider: {provider_name: a}}]} | common_tls_context.tls_certificates[0].private_key_provider: is not supported
            common_tls_context: {validation_context: {ca_certificate_provider_instance: {instance_name: a}}} | common_tls_context: the ca_certificate_provider_instance "a" is not supported, only "default" is, the workload's own identity
            common_tls_context: {validation_context: {require_signed_certificate_timestamp: true}}          | common_tls_context.validation_context.require_signed_certificate_timestamp: is not supported
            common_tls_context: {validation_context: {custom_validator_config: {name: a, typed_config: ANY}}} | common_tls_context.validation_context.custom_validator_config: the validator "a" is not supported
            common_tls_context: {validation_context: {custom_validator_config: SPIFFE[trust_domains: [{name: a, trust_bundle: {filename: /a}}], trust_bundles: {filename: /b}]~}} | common_tls_context.validation_context.custom_validator_config.typed_config.trust_bundles: is not supported
            common_tls_context: {validation_context: {CA, match_subject_alt_names: [{custom: {name: a, typed_config: ANY}}]}} | common_tls_context.validation_context.match_subject_alt_names[0].custom: is not supported
            common_tls_context: {validation_context_certificate_provider_instance: {instance_name: a}}      | common_tls_context: the ca_certificate_provider_instance "a" is not supported, only "default" is, the workload's own identity
            common_tls_context: {validation_context_certificate_provider: {name: a}} | common_tls_context.validation_context_certificate_provider: is not supported
            common_tls_context: {combined_validation_context: {default_validation_context: {ca_certificate_provider_instance: {instance_name: default}}, validation_context_sds_secret_config: {name: a}}} | common_tls_context.combined_validation_context: has roots by SDS and by a provider
            common_tls_context: {tls_certificate_sds_secret_configs: [{name: a, sds_config: {api_config_source: {api_type: REST}}}]} | common_tls_context.tls_certificate_sds_secret_configs[0].sds_config.api_config_source.api_type: REST is not supported for secrets
            common_tls_context: {tls_certificate_sds_secret_configs: [{name: a, sds_config: {api_config_source: {api_type: GRPC, grpc_services: [{google_grpc: {target_uri: a, stat_prefix: b}}]}}}]} | common_tls_context.tls_certificate_sds_secret_configs[0].sds_config.api_config_source.grpc_services[0].google_grpc: is not supported
            """)
    void upstream_securityThatIsNotSupported_makesTheSocketUnusable(String context, String expected) {
        String any = "{\"@type\": type.googleapis.com/google.protobuf.Struct, value: {}}";

        assertThat(Yaml.accepted(TlsYaml.upstream(context.replace("ANY", any)))
                        .cluster()
                        .transport())
                .isEqualTo(new TransportSocket.Unusable(
                        "transport_socket.typed_config." + expected + ", and nothing is sent without it"));
    }

    @Test
    void upstream_fieldThatOnlyANewerEnvoyKnows_makesTheSocketUnusable() {
        UpstreamTlsContext newer = UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder()
                        .setUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(
                                        4711,
                                        UnknownFieldSet.Field.newBuilder()
                                                .addVarint(1)
                                                .build())
                                .build()))
                .build();
        Refusal refusal = new Refusal();

        TlsDecoder.upstream(Any.pack(newer), "tls", new Notes(), refusal);

        assertThat(refusal.reason()).isEqualTo("tls.common_tls_context.#4711: is a field that is not known here");
    }

    /** Restrictions that are lost, unless the native library has them anyway. */
    @Test
    void upstream_restrictionsThatNobodyEnforces_areShown() {
        var decoded = (Decoded.Accepted<DecodedCluster>) TlsYaml.upstream("enforce_rsa_key_usage: true,"
                + " common_tls_context: {tls_params: {signature_algorithms: [rsa_pss_rsae_sha256]}}");

        assertThat(decoded.value().cluster().transport()).isInstanceOf(TransportSocket.Tls.class);
        assertThat(decoded.unsupported())
                .containsExactlyInAnyOrder(
                        "transport_socket.typed_config.enforce_rsa_key_usage",
                        "transport_socket.typed_config.common_tls_context.tls_params.signature_algorithms");
    }

    @Test
    void upstream_keyLog_isNotedAndNothingElse() {
        var decoded =
                (Decoded.Accepted<DecodedCluster>) TlsYaml.upstream("common_tls_context: {key_log: {path: /tmp/keys}}");

        assertThat(decoded.value().cluster().transport()).isInstanceOf(TransportSocket.Tls.class);
        assertThat(decoded.unsupported()).containsExactly("transport_socket.typed_config.common_tls_context.key_log");
    }

    @Test
    void declaredFields_ofTls_areAllButThoseThatCannotDecideWhomToTrust() {
        List<String> undeclared = new ArrayList<>();
        for (var type : SupportedFields.types()) {
            if (type.getFullName().startsWith("envoy.extensions.transport_sockets.tls.")) {
                var declared = Objects.requireNonNull(SupportedFields.of(type));
                type.getFields().stream()
                        .filter(field -> !declared.containsKey(field.getName()))
                        .forEach(field -> undeclared.add(type.getName() + "." + field.getName()));
            }
        }

        assertThat(undeclared)
                .containsExactlyInAnyOrder(
                        "UpstreamTlsContext.enforce_rsa_key_usage",
                        "DownstreamTlsContext.full_scan_certs_on_sni_mismatch",
                        "TlsParameters.signature_algorithms",
                        "CommonTlsContext.key_log",
                        "TlsCertificate.ocsp_staple",
                        "TlsCertificate.signed_certificate_timestamp");
    }

    // ---- the server's side

    private static DownstreamTlsContext.Builder server() {
        return DownstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder()
                        .addTlsCertificateSdsSecretConfigs(SdsSecretConfig.newBuilder()
                                .setName("default")
                                .setSdsConfig(ConfigSource.newBuilder()
                                        .setAds(AggregatedConfigSource.getDefaultInstance()))));
    }

    private static DownstreamTls downstream(DownstreamTlsContext.Builder context, Refusal refusal) {
        return TlsDecoder.downstream(Any.pack(context.build()), "tls", new Notes(), refusal);
    }

    @Test
    void downstream_onlyACertificate_hasEnvoysDefaults() {
        assertThat(downstream(server(), new Refusal()))
                .isEqualTo(new DownstreamTls(
                        new TlsContext(
                                TlsContext.Parameters.DEFAULT,
                                List.of(new CertificateSource.Sds(SecretName.ofControlPlane("default"))),
                                null,
                                null,
                                List.of()),
                        false,
                        false,
                        null,
                        null,
                        true,
                        true,
                        null,
                        false));
    }

    @Test
    void downstream_providersOfGrpc_areTheWorkloadsOwnSecrets() {
        DownstreamTlsContext.Builder context = DownstreamTlsContext.newBuilder();
        context.getCommonTlsContextBuilder()
                .getTlsCertificateProviderInstanceBuilder()
                .setInstanceName("default");
        context.getCommonTlsContextBuilder()
                .getValidationContextBuilder()
                .getCaCertificateProviderInstanceBuilder()
                .setInstanceName("default");
        Refusal refusal = new Refusal();

        assertThat(downstream(context, refusal).secrets())
                .containsExactly(
                        new SecretName("cluster:sds-grpc", "default"), new SecretName("cluster:sds-grpc", "ROOTCA"));
        assertThat(refusal.reason()).isNull();
    }

    @Test
    void downstream_everything_isThere() {
        DownstreamTls tls = downstream(
                server().setRequireClientCertificate(com.google.protobuf.BoolValue.of(true))
                        .setRequireSni(com.google.protobuf.BoolValue.of(true))
                        .setSessionTicketKeysSdsSecretConfig(
                                SdsSecretConfig.newBuilder().setName("tickets"))
                        .setDisableStatefulSessionResumption(true)
                        .setSessionTimeout(Durations.fromSeconds(7))
                        .setPreferClientCiphers(true),
                new Refusal());

        assertThat(tls.requireClientCertificate()).isTrue();
        assertThat(tls.requireSni()).isTrue();
        assertThat(tls.ticketKeysSecret()).isEqualTo(SecretName.ofControlPlane("tickets"));
        assertThat(tls.statefulResumption()).isFalse();
        assertThat(tls.statelessResumption()).isTrue();
        assertThat(tls.sessionTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(tls.preferClientCiphers()).isTrue();
        assertThat(tls.secrets())
                .containsExactly(SecretName.ofControlPlane("default"), SecretName.ofControlPlane("tickets"));
    }

    @Test
    void downstream_ticketKeys_areGivenOrTurnedOff() {
        TlsSessionTicketKeys keys =
                TlsSessionTicketKeys.newBuilder().addKeys(bytes(80)).build();

        assertThat(downstream(server().setSessionTicketKeys(keys), new Refusal())
                        .ticketKeys())
                .isEqualTo(new Secret.TicketKeys(List.of(new DataSource.Inline(new byte[80]))));
        assertThat(downstream(server().setDisableStatelessSessionResumption(true), new Refusal())
                        .statelessResumption())
                .isFalse();
        Assertions.assertThatThrownBy(() -> downstream(
                        server().setSessionTicketKeys(
                                        TlsSessionTicketKeys.newBuilder().addKeys(bytes(79))),
                        new Refusal()))
                .hasMessage("tls.session_ticket_keys.keys[0]: must have 80 bytes");
    }

    private static io.envoyproxy.envoy.config.core.v3.DataSource.Builder bytes(int count) {
        return io.envoyproxy.envoy.config.core.v3.DataSource.newBuilder()
                .setInlineBytes(ByteString.copyFrom(new byte[count]));
    }

    @Test
    void downstream_staplingThatIsAskedFor_isRefused() {
        for (OcspStaplePolicy policy : List.of(OcspStaplePolicy.MUST_STAPLE, OcspStaplePolicy.STRICT_STAPLING)) {
            Refusal refusal = new Refusal();

            downstream(server().setOcspStaplePolicy(policy), refusal);

            assertThat(refusal.reason())
                    .isEqualTo("tls.ocsp_staple_policy: " + policy
                            + " is not supported, as OCSP responses are not stapled");
        }
    }

    @Test
    void downstream_certificatesOfBothKindsOrNone_areRejected() {
        DownstreamTlsContext.Builder both = server();
        both.getCommonTlsContextBuilder()
                .addTlsCertificates(TlsCertificate.newBuilder()
                        .setCertificateChain(bytes(1))
                        .setPrivateKey(bytes(1)));

        Assertions.assertThatThrownBy(() -> downstream(both, new Refusal()))
                .hasMessage("tls.common_tls_context: must not have certificates by SDS beside others");
        Assertions.assertThatThrownBy(() -> downstream(DownstreamTlsContext.newBuilder(), new Refusal()))
                .hasMessage("tls.common_tls_context: has no certificate, which a server needs");
    }
}
