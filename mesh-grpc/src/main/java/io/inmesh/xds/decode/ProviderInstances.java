package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import org.jspecify.annotations.Nullable;

/**
 * Certificate providers, which a configuration for proxyless gRPC names where one for Envoy has secrets by SDS (gRFC A29). A provider is a matter of the process that is
 * configured: {@code default}, in the bootstraps that Istio writes, is the workload's own identity, which Istio's sidecars get as {@code default} and
 * {@code ROOTCA} of {@code sds-grpc}. So that is what becomes of it here; no other is known.
 *
 * <p>Releases of gRPC read one field or the other, and istiod sets both: the newer one counts.
 */
@SuppressWarnings("deprecation") // istiod before 1.29 sets the older fields only
final class ProviderInstances {
    private static final String OWN = "default";
    private static final ConfigSource SOURCE = ConfigSource.newBuilder()
            .setApiConfigSource(ApiConfigSource.newBuilder()
                    .setApiType(ApiConfigSource.ApiType.GRPC)
                    .addGrpcServices(GrpcService.newBuilder()
                            .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder().setClusterName("sds-grpc"))))
            .build();

    private final String path;
    private final Refusal refusal;

    private ProviderInstances(String path, Refusal refusal) {
        this.path = path;
        this.refusal = refusal;
    }

    /** The same context with the secrets that its providers stand for. To be called before the message is checked: Envoy would miss what they replace. */
    static CommonTlsContext asSecrets(CommonTlsContext context, String path, Refusal refusal) {
        return new ProviderInstances(path, refusal).asSecrets(context);
    }

    private CommonTlsContext asSecrets(CommonTlsContext context) {
        CommonTlsContext.Builder result = context.toBuilder();
        SdsSecretConfig certificate = secret(
                context.hasTlsCertificateProviderInstance() ? context.getTlsCertificateProviderInstance() : null,
                context.hasTlsCertificateCertificateProviderInstance()
                        ? context.getTlsCertificateCertificateProviderInstance()
                        : null,
                "tls_certificate_provider_instance",
                "default");
        if (certificate != null) {
            result.clearTlsCertificateProviderInstance()
                    .clearTlsCertificateCertificateProviderInstance()
                    .addTlsCertificateSdsSecretConfigs(certificate);
        }
        switch (context.getValidationContextTypeCase()) {
            case VALIDATION_CONTEXT -> validation(context.getValidationContext(), result);
            case COMBINED_VALIDATION_CONTEXT ->
                result.setCombinedValidationContext(combined(context.getCombinedValidationContext()));
            case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE -> {
                SdsSecretConfig roots = roots(null, context.getValidationContextCertificateProviderInstance());
                if (roots != null) {
                    result.setValidationContextSdsSecretConfig(roots);
                }
            }
            default -> {}
        }
        return result.build();
    }

    private void validation(CertificateValidationContext validation, CommonTlsContext.Builder result) {
        SdsSecretConfig roots = roots(provider(validation), null);
        if (roots != null) {
            result.setCombinedValidationContext(CombinedCertificateValidationContext.newBuilder()
                    .setDefaultValidationContext(validation.toBuilder().clearCaCertificateProviderInstance())
                    .setValidationContextSdsSecretConfig(roots));
        }
    }

    private CombinedCertificateValidationContext combined(CombinedCertificateValidationContext combined) {
        SdsSecretConfig roots = roots(
                provider(combined.getDefaultValidationContext()),
                combined.hasValidationContextCertificateProviderInstance()
                        ? combined.getValidationContextCertificateProviderInstance()
                        : null);
        if (roots == null) {
            return combined;
        }
        if (combined.hasValidationContextSdsSecretConfig()) {
            refusal.because(path + ".combined_validation_context: has roots by SDS and by a provider");
        }
        CombinedCertificateValidationContext.Builder result = combined.toBuilder();
        result.getDefaultValidationContextBuilder().clearCaCertificateProviderInstance();
        return result.clearValidationContextCertificateProviderInstance()
                .setValidationContextSdsSecretConfig(roots)
                .build();
    }

    private static @Nullable CertificateProviderPluginInstance provider(CertificateValidationContext validation) {
        return validation.hasCaCertificateProviderInstance() ? validation.getCaCertificateProviderInstance() : null;
    }

    private @Nullable SdsSecretConfig roots(
            @Nullable CertificateProviderPluginInstance newer, @Nullable CertificateProviderInstance older) {
        return secret(newer, older, "ca_certificate_provider_instance", "ROOTCA");
    }

    /** @param otherwise the secret where the instance names none */
    private @Nullable SdsSecretConfig secret(
            @Nullable CertificateProviderPluginInstance newer,
            @Nullable CertificateProviderInstance older,
            String field,
            String otherwise) {
        if (newer != null) {
            return secret(newer.getInstanceName(), newer.getCertificateName(), field, otherwise);
        }
        return older == null ? null : secret(older.getInstanceName(), older.getCertificateName(), field, otherwise);
    }

    private SdsSecretConfig secret(String instance, String certificate, String field, String otherwise) {
        if (!instance.equals(OWN)) {
            refusal.because(path + ": the " + field + " \"" + instance + "\" is not supported, only \"" + OWN
                    + "\" is, the workload's own identity");
        }
        return SdsSecretConfig.newBuilder()
                .setName(certificate.isEmpty() ? otherwise : certificate)
                .setSdsConfig(SOURCE)
                .build();
    }
}
