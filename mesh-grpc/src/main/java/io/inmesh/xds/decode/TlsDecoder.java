package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext.OcspStaplePolicy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext.SessionTicketKeysTypeCase;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.inmesh.model.DownstreamTls;
import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.model.TlsContext;
import io.inmesh.model.TlsContext.CertificateSource;
import io.inmesh.model.TlsContext.Version;
import io.inmesh.model.UpstreamTls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code UpstreamTlsContext} and {@code DownstreamTlsContext}. What Envoy does not take is rejected; what it takes and this data plane cannot do is told to
 * the refusal, and whoever asked must then not use the result.
 */
final class TlsDecoder {
    /** The content of a transport socket of the client's side. */
    static final UpstreamTlsContext UPSTREAM = UpstreamTlsContext.getDefaultInstance();
    /** The content of a transport socket of the server's side. */
    static final DownstreamTlsContext DOWNSTREAM = DownstreamTlsContext.getDefaultInstance();

    private static final int MAX_ALPN_BYTES = 255;

    private TlsDecoder() {}

    /**
     * TLS of connections to hosts.
     *
     * @param any     an {@link #UPSTREAM}
     * @param path    of the {@code any}
     * @param refusal told why the result must not be used, and nothing be sent in its place
     */
    static UpstreamTls upstream(Any any, String path, Notes notes, Refusal refusal) {
        String at = path + ".common_tls_context";
        UpstreamTlsContext.Builder given = Values.parse(any, UPSTREAM, path).toBuilder();
        if (given.hasCommonTlsContext()) {
            given.setCommonTlsContext(ProviderInstances.asSecrets(given.getCommonTlsContext(), at, refusal));
        }
        UpstreamTlsContext context = given.build();
        FieldAudit.check(context, path, notes, refusal);
        TlsContext common = common(context.getCommonTlsContext(), at, notes, refusal);
        if (common.certificates().size() > 1) {
            throw new BadResourceException(at, "has more than one certificate, of which a client can show one");
        }
        if (context.getSni().indexOf('\0') >= 0) {
            throw new BadResourceException(path + ".sni", "must not have a NUL character");
        }
        if (context.getAutoSniSanValidation() && common.validationSecret() == null) {
            Secret.Validation validation = common.validation();
            if (validation == null || !ValidationDecoder.hasRoots(validation)) {
                throw new BadResourceException(path + ".auto_sni_san_validation", "needs a trusted_ca");
            }
        }
        return new UpstreamTls(
                common,
                context.getSni(),
                context.getAutoHostSni(),
                context.getAutoSniSanValidation(),
                context.hasMaxSessionKeys() ? Values.count(context.getMaxSessionKeys()) : 1);
    }

    /**
     * TLS of connections that are accepted.
     *
     * @param any     a {@link #DOWNSTREAM}
     * @param path    of the {@code any}
     * @param refusal told why the result must not be used, and all connections be refused
     */
    static DownstreamTls downstream(Any any, String path, Notes notes, Refusal refusal) {
        String at = path + ".common_tls_context";
        DownstreamTlsContext.Builder given = Values.parse(any, DOWNSTREAM, path).toBuilder();
        if (given.hasCommonTlsContext()) {
            given.setCommonTlsContext(ProviderInstances.asSecrets(given.getCommonTlsContext(), at, refusal));
        }
        DownstreamTlsContext context = given.build();
        FieldAudit.check(context, path, notes, refusal);
        CommonTlsContext shared = context.getCommonTlsContext();
        TlsContext common = common(shared, at, notes, refusal);
        if (shared.getTlsCertificatesCount() > 0 && shared.getTlsCertificateSdsSecretConfigsCount() > 0) {
            throw new BadResourceException(at, "must not have certificates by SDS beside others");
        }
        if (common.certificates().isEmpty() && refusal.reason() == null) {
            throw new BadResourceException(at, "has no certificate, which a server needs");
        }
        if (context.getOcspStaplePolicy() != OcspStaplePolicy.LENIENT_STAPLING) {
            refusal.because(path + ".ocsp_staple_policy: " + context.getOcspStaplePolicy()
                    + " is not supported, as OCSP responses are not stapled");
        }
        SessionTicketKeysTypeCase keys = context.getSessionTicketKeysTypeCase();
        String keysPath = path + ".session_ticket_keys";
        return new DownstreamTls(
                common,
                context.getRequireClientCertificate().getValue(),
                context.getRequireSni().getValue(),
                keys == SessionTicketKeysTypeCase.SESSION_TICKET_KEYS
                        ? CertificateDecoder.ticketKeys(context.getSessionTicketKeys(), keysPath)
                        : null,
                keys == SessionTicketKeysTypeCase.SESSION_TICKET_KEYS_SDS_SECRET_CONFIG
                        ? ConfigSources.secret(
                                context.getSessionTicketKeysSdsSecretConfig(), keysPath + "_sds_secret_config", refusal)
                        : null,
                !context.getDisableStatelessSessionResumption(),
                !context.getDisableStatefulSessionResumption(),
                context.hasSessionTimeout()
                        ? Values.duration(context.getSessionTimeout(), path + ".session_timeout")
                        : null,
                context.getPreferClientCiphers());
    }

    private static TlsContext common(CommonTlsContext context, String path, Notes notes, Refusal refusal) {
        List<CertificateSource> certificates = new ArrayList<>();
        for (int i = 0; i < context.getTlsCertificatesCount(); i++) {
            TlsCertificate certificate = context.getTlsCertificates(i);
            // As in Envoy, an empty message is no certificate.
            if (!certificate.equals(TlsCertificate.getDefaultInstance())) {
                certificates.add(new CertificateSource.Given(
                        CertificateDecoder.certificate(certificate, Paths.element(path, "tls_certificates", i))));
            }
        }
        for (int i = 0; i < context.getTlsCertificateSdsSecretConfigsCount(); i++) {
            certificates.add(new CertificateSource.Sds(ConfigSources.secret(
                    context.getTlsCertificateSdsSecretConfigs(i),
                    Paths.element(path, "tls_certificate_sds_secret_configs", i),
                    refusal)));
        }
        return new TlsContext(
                parameters(context.getTlsParams()),
                List.copyOf(certificates),
                validation(context, path, notes, refusal),
                validationSecret(context, path, refusal),
                alpn(context, path));
    }

    private static Secret.@Nullable Validation validation(
            CommonTlsContext context, String path, Notes notes, Refusal refusal) {
        if (context.hasValidationContext()) {
            String at = path + ".validation_context";
            Secret.Validation given = ValidationDecoder.decode(context.getValidationContext(), at, notes, refusal);
            if (refusal.reason() == null) {
                ValidationDecoder.requireRoots(given, at);
            }
            return given;
        }
        return context.hasCombinedValidationContext()
                ? ValidationDecoder.decode(
                        context.getCombinedValidationContext().getDefaultValidationContext(),
                        path + ".combined_validation_context.default_validation_context",
                        notes,
                        refusal)
                : null;
    }

    private static @Nullable SecretName validationSecret(CommonTlsContext context, String path, Refusal refusal) {
        String field = "validation_context_sds_secret_config";
        if (context.hasValidationContextSdsSecretConfig()) {
            return ConfigSources.secret(
                    context.getValidationContextSdsSecretConfig(), Paths.child(path, field), refusal);
        }
        if (!context.hasCombinedValidationContext()) {
            return null;
        }
        SdsSecretConfig config = context.getCombinedValidationContext().getValidationContextSdsSecretConfig();
        return ConfigSources.secret(config, path + ".combined_validation_context." + field, refusal);
    }

    /** Envoy joins the names by commas and takes them apart again. */
    private static List<String> alpn(CommonTlsContext context, String path) {
        String joined = String.join(",", context.getAlpnProtocolsList());
        if (joined.isEmpty()) {
            return List.of();
        }
        List<String> names = List.of(joined.split(",", -1));
        for (String name : names) {
            int length = name.getBytes(StandardCharsets.UTF_8).length;
            if (length == 0 || length > MAX_ALPN_BYTES) {
                throw new BadResourceException(
                        path + ".alpn_protocols", "must have names of 1 to " + MAX_ALPN_BYTES + " bytes");
            }
        }
        return names;
    }

    private static TlsContext.Parameters parameters(TlsParameters parameters) {
        return new TlsContext.Parameters(
                version(parameters.getTlsMinimumProtocolVersion()),
                version(parameters.getTlsMaximumProtocolVersion()),
                List.copyOf(parameters.getCipherSuitesList()),
                List.copyOf(parameters.getEcdhCurvesList()));
    }

    private static Version version(TlsParameters.TlsProtocol protocol) {
        return switch (protocol) {
            case TLS_AUTO -> Version.AUTO;
            case TLSv1_0 -> Version.TLS_1_0;
            case TLSv1_1 -> Version.TLS_1_1;
            case TLSv1_2 -> Version.TLS_1_2;
            case TLSv1_3 -> Version.TLS_1_3;
            case UNRECOGNIZED -> throw new IllegalStateException("audited: " + protocol);
        };
    }
}
