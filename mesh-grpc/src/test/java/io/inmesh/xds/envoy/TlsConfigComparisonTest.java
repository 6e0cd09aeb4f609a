package io.inmesh.xds.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.files.YamlMessages;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Envoy takes of TLS is taken here, and what it refuses is refused. */
class TlsConfigComparisonTest {
    private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.";

    private static final X509Bundle CERTIFICATE = certificate();

    private static X509Bundle certificate() {
        try {
            return new CertificateBuilder()
                    .subject("CN=comparison")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            takes   | {sni: a, auto_host_sni: true}
            refuses | {sni: "a\\0b"}
            takes   | {common_tls_context: {alpn_protocols: ['']}}
            takes   | {common_tls_context: {alpn_protocols: ['a,b']}}
            takes   | {common_tls_context: {alpn_protocols: [A255]}}
            refuses | {common_tls_context: {alpn_protocols: [A255b]}}
            takes   | {common_tls_context: {tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_2}}}
            takes   | {common_tls_context: {tls_certificates: [CERT]}}
            takes   | {common_tls_context: {tls_certificates: [{}]}}
            refuses | {common_tls_context: {tls_certificates: [CERT, CERT]}}
            refuses | {common_tls_context: {tls_certificates: [{certificate_chain: PEM}]}}
            refuses | {common_tls_context: {tls_certificates: [{private_key: PEM}]}}
            refuses | {common_tls_context: {tls_certificates: [{certificate_chain: PEM, private_key: {inline_string: ''}}]}}
            refuses | {common_tls_context: {tls_certificates: [{certificate_chain: PEM, pkcs12: {inline_string: x}}]}}
            refuses | {common_tls_context: {combined_validation_context: {default_validation_context: {}}}}
            takes   | {common_tls_context: {validation_context: {}}}
            takes   | {common_tls_context: {validation_context: {trusted_ca: PEM, match_subject_alt_names: [{exact: a}]}}}
            refuses | {common_tls_context: {validation_context: {match_subject_alt_names: [{exact: a}]}}}
            refuses | {common_tls_context: {validation_context: {trusted_ca: {inline_string: ''}}}}
            refuses | {common_tls_context: {validation_context: {crl: PEM}}}
            refuses | {common_tls_context: {validation_context: {allow_expired_certificate: true}}}
            takes   | {common_tls_context: {validation_context: {trust_chain_verification: ACCEPT_UNTRUSTED}}}
            refuses | {common_tls_context: {validation_context: {trusted_ca: PEM, max_verify_depth: 101}}}
            takes   | {common_tls_context: {validation_context: {trusted_ca: PEM, match_typed_subject_alt_names: [{san_type: OTHER_NAME, oid: 1.3.6.1.4.1.311.20.2.3, matcher: {exact: a}}]}}}
            refuses | {common_tls_context: {validation_context: {trusted_ca: PEM, match_typed_subject_alt_names: [{san_type: OTHER_NAME, matcher: {exact: a}}]}}}
            refuses | {common_tls_context: {validation_context: {trusted_ca: PEM, match_typed_subject_alt_names: [{san_type: OTHER_NAME, oid: hello, matcher: {exact: a}}]}}}
            refuses | {common_tls_context: {validation_context: {trusted_ca: PEM, match_typed_subject_alt_names: [{matcher: {exact: a}}]}}}
            takes   | {common_tls_context: {validation_context: {verify_certificate_hash: [DF6F2A5C2A3E3A6C1B5B5E1E4E1D1A2B3C4D5E6F708192A3B4C5D6E7F8091A2B]}}}
            takes   | {common_tls_context: {validation_context: {verify_certificate_hash: ["DF:6F:2A:5C:2A:3E:3A:6C:1B:5B:5E:1E:4E:1D:1A:2B:3C:4D:5E:6F:70:81:92:A3:B4:C5:D6:E7:F8:09:1A:2B"]}}}
            refuses | {common_tls_context: {validation_context: {verify_certificate_hash: [zzzF2A5C2A3E3A6C1B5B5E1E4E1D1A2B3C4D5E6F708192A3B4C5D6E7F8091A2B]}}}
            takes   | {common_tls_context: {validation_context: {verify_certificate_spki: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]}}}
            refuses | {common_tls_context: {validation_context: {verify_certificate_spki: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA]}}}
            takes   | {common_tls_context: {validation_context: {custom_validator_config: SPIFFE[{name: a, trust_bundle: PEM}]}}}
            refuses | {common_tls_context: {validation_context: {custom_validator_config: SPIFFE[{name: a}]}}}
            refuses | {common_tls_context: {validation_context: {custom_validator_config: SPIFFE[{name: a, trust_bundle: PEM}, {name: a, trust_bundle: PEM}]}}}
            refuses | {auto_sni_san_validation: true}
            refuses | {auto_sni_san_validation: true, common_tls_context: {validation_context: {trust_chain_verification: ACCEPT_UNTRUSTED}}}
            takes   | {auto_sni_san_validation: true, common_tls_context: {validation_context: {trusted_ca: PEM}}}
            """)
    void upstream_asInEnvoy(String verdict, String context, @TempDir Path folder) throws Exception {
        Path binary = EnvoyProcess.binaryOrSkip();
        Files.writeString(folder.resolve("c.pem"), CERTIFICATE.getCertificatePEM());
        Files.writeString(folder.resolve("k.pem"), CERTIFICATE.getPrivateKeyPEM());
        Cluster cluster = cluster(context, folder);

        Decoded<?> decoded = ResourceDecoder.cluster("c", Any.pack(cluster));
        boolean takenByEnvoy = isTaken(binary, cluster, folder);

        assertThat(takenByEnvoy).as("Envoy: " + context).isEqualTo(verdict.equals("takes"));
        assertThat(decoded instanceof Decoded.Accepted).as(decoded.toString()).isEqualTo(takenByEnvoy);
    }

    private static Cluster cluster(String context, Path folder) throws Exception {
        String written = context.replace("CERT", "{certificate_chain: PEM, private_key: {filename: FOLDER/k.pem}}")
                .replaceAll(
                        "SPIFFE\\[(.*?)\\](?=\\}\\}\\})",
                        "{name: envoy.tls.cert_validator.spiffe, typed_config: {" + TYPE
                                + "tls.v3.SPIFFECertValidatorConfig, trust_domains: [$1]}}")
                .replace("PEM", "{filename: FOLDER/c.pem}")
                .replace("FOLDER", folder.toString())
                .replace("A255", "a".repeat(255));
        String yaml = "{name: c, transport_socket: {name: tls, typed_config: {" + TYPE + "tls.v3.UpstreamTlsContext, "
                + written.substring(1) + "}}";
        return YamlMessages.read("test.yaml", yaml, Cluster.newBuilder()).build();
    }

    /** Whether Envoy takes a cluster. */
    static boolean isTaken(Path binary, Cluster cluster, Path folder) throws Exception {
        Path configuration = Files.write(
                folder.resolve("bootstrap.pb"),
                Bootstrap.newBuilder()
                        .setStaticResources(
                                Bootstrap.StaticResources.newBuilder().addClusters(cluster))
                        .build()
                        .toByteArray());
        File log = folder.resolve("log").toFile();
        Process process = new ProcessBuilder(
                        binary.toString(), "-c", configuration.toString(), "--mode", "validate", "-l", "critical")
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        boolean taken = process.exitValue() == 0;
        String text = Files.readString(log.toPath(), StandardCharsets.UTF_8);
        // Whoever refuses says that the configuration is the reason, and not that it could not be looked at.
        assertThat(taken || text.contains("error initializing configuration"))
                .as(text)
                .isTrue();
        return taken;
    }
}
