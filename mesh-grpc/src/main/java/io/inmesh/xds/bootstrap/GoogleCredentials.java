package io.inmesh.xds.bootstrap;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService.GoogleGrpc;
import io.envoyproxy.envoy.config.core.v3.GrpcService.GoogleGrpc.ChannelCredentials.CredentialSpecifierCase;
import io.envoyproxy.envoy.config.core.v3.GrpcService.GoogleGrpc.SslCredentials;
import io.inmesh.grpc.ControlPlaneTls;
import io.inmesh.xds.protocol.XdsServer.Security;
import org.jspecify.annotations.Nullable;

/** The credentials of a {@code google_grpc} service in an Envoy bootstrap. */
final class GoogleCredentials {
    private GoogleCredentials() {}

    /** @param place where it stands, for messages */
    static Security of(GoogleGrpc service, String place) {
        if (service.getCallCredentialsCount() > 0) {
            return new Security.Unsupported(place + ".call_credentials");
        }
        if (!service.getCredentialsFactoryName().isEmpty()) {
            return new Security.Unsupported(place + ".credentials_factory_name");
        }
        if (!service.hasChannelCredentials()) {
            return new Security.Plaintext();
        }
        CredentialSpecifierCase kind = service.getChannelCredentials().getCredentialSpecifierCase();
        return kind == CredentialSpecifierCase.SSL_CREDENTIALS
                ? tls(service.getChannelCredentials().getSslCredentials(), service.getTargetUri(), place)
                : new Security.Unsupported(place + ".channel_credentials of the kind " + kind);
    }

    private static Security tls(SslCredentials ssl, String target, String place) {
        ControlPlaneTls tls = ControlPlaneTls.to(target);
        io.inmesh.model.DataSource roots = source(ssl.getRootCerts());
        if (roots == null) {
            // gRPC's own default.
            tls.trustSystemRoots();
        } else {
            tls.trust(roots);
        }
        io.inmesh.model.DataSource chain = source(ssl.getCertChain());
        io.inmesh.model.DataSource key = source(ssl.getPrivateKey());
        if (chain != null && key != null) {
            tls.certificate(chain, key);
        } else if (chain != null || key != null) {
            return new Security.Unsupported(place + ".channel_credentials with only one of cert_chain and private_key");
        }
        return new Security.Tls(tls.settings());
    }

    private static io.inmesh.model.@Nullable DataSource source(DataSource source) {
        return switch (source.getSpecifierCase()) {
            case FILENAME -> new io.inmesh.model.DataSource.File(source.getFilename(), null);
            case INLINE_BYTES ->
                new io.inmesh.model.DataSource.Inline(source.getInlineBytes().toByteArray());
            case INLINE_STRING -> io.inmesh.model.DataSource.Inline.of(source.getInlineString());
            case ENVIRONMENT_VARIABLE -> new io.inmesh.model.DataSource.Environment(source.getEnvironmentVariable());
            case SPECIFIER_NOT_SET -> null;
        };
    }
}
