package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.envoyproxy.envoy.config.core.v3.WatchedDirectory;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;

/** Fields of TLS and of secrets. What may decide whom to trust is supported or refused, never passed over. */
final class TlsFields {
    private TlsFields() {}

    static void declare(SupportedFields fields) {
        declareContexts(fields);
        declareValidation(fields);
        declareSecrets(fields);
    }

    private static void declareContexts(SupportedFields fields) {
        fields.type(UpstreamTlsContext.getDescriptor())
                .supported("common_tls_context", "sni", "auto_host_sni", "auto_sni_san_validation", "max_session_keys")
                // A permission that a server need not be given.
                .noEffect("allow_renegotiation");
        fields.type(DownstreamTlsContext.getDescriptor())
                .supported(
                        "common_tls_context",
                        "require_client_certificate",
                        "require_sni",
                        "session_ticket_keys",
                        "session_ticket_keys_sds_secret_config",
                        "disable_stateless_session_resumption",
                        "disable_stateful_session_resumption",
                        "session_timeout",
                        "ocsp_staple_policy",
                        "prefer_client_ciphers");
        fields.type(CommonTlsContext.getDescriptor())
                .supported(
                        "tls_params",
                        "tls_certificates",
                        "tls_certificate_sds_secret_configs",
                        "validation_context",
                        "validation_context_sds_secret_config",
                        "combined_validation_context",
                        "alpn_protocols",
                        "tls_certificate_provider_instance",
                        "tls_certificate_certificate_provider_instance",
                        "validation_context_certificate_provider_instance")
                .refused(
                        "custom_tls_certificate_selector",
                        "tls_certificate_certificate_provider",
                        "validation_context_certificate_provider",
                        "custom_handshaker");
        fields.type(TlsParameters.getDescriptor())
                .supported(
                        "tls_minimum_protocol_version", "tls_maximum_protocol_version", "cipher_suites", "ecdh_curves")
                .refused("compliance_policies");
    }

    private static void declareValidation(SupportedFields fields) {
        fields.type(CombinedCertificateValidationContext.getDescriptor())
                .supported(
                        "default_validation_context",
                        "validation_context_sds_secret_config",
                        "validation_context_certificate_provider_instance")
                .refused("validation_context_certificate_provider");
        fields.type(CertificateValidationContext.getDescriptor())
                .supported(
                        "trusted_ca",
                        "system_root_certs",
                        "watched_directory",
                        "verify_certificate_spki",
                        "verify_certificate_hash",
                        "match_typed_subject_alt_names",
                        "match_subject_alt_names",
                        "crl",
                        "allow_expired_certificate",
                        "trust_chain_verification",
                        "custom_validator_config",
                        "only_verify_leaf_cert_crl",
                        "max_verify_depth",
                        "ca_certificate_provider_instance")
                .refused("require_signed_certificate_timestamp");
        fields.type(CertificateProviderPluginInstance.getDescriptor()).supported("instance_name", "certificate_name");
        fields.type(CertificateProviderInstance.getDescriptor()).supported("instance_name", "certificate_name");
        fields.type(SubjectAltNameMatcher.getDescriptor()).supported("san_type", "matcher", "oid");
        fields.type(SPIFFECertValidatorConfig.getDescriptor())
                .supported("trust_domains")
                .refused("trust_bundles");
        fields.type(SPIFFECertValidatorConfig.TrustDomain.getDescriptor()).supported("name", "trust_bundle");
    }

    private static void declareSecrets(SupportedFields fields) {
        fields.type(Secret.getDescriptor())
                .supported("name", "tls_certificate", "session_ticket_keys", "validation_context")
                .refused("generic_secret");
        fields.type(TlsCertificate.getDescriptor())
                .supported("certificate_chain", "private_key", "pkcs12", "watched_directory", "password")
                .refused("private_key_provider");
        fields.type(TlsSessionTicketKeys.getDescriptor()).supported("keys");
        fields.type(WatchedDirectory.getDescriptor()).supported("path");
        fields.type(SdsSecretConfig.getDescriptor()).supported("name", "sds_config");
        fields.type(PathConfigSource.getDescriptor()).supported("path").noEffect("watched_directory");
        fields.type(ApiConfigSource.getDescriptor())
                .supported("api_type", "transport_api_version", "grpc_services")
                .noEffect(
                        "set_node_on_first_message_only",
                        "refresh_delay",
                        "request_timeout",
                        "rate_limit_settings",
                        "config_validators");
        fields.type(GrpcService.getDescriptor())
                .supported("envoy_grpc")
                .noEffect("timeout", "retry_policy")
                .refused("google_grpc");
        fields.type(GrpcService.EnvoyGrpc.getDescriptor())
                .supported("cluster_name")
                .noEffect("retry_policy", "max_receive_message_length", "skip_envoy_headers");
    }
}
