package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.inmesh.model.SecretName;

/** Where resources come from that others name. */
final class ConfigSources {
    private ConfigSources() {}

    /** Notes a source other than the session, for resources that the session brings in any case. */
    @SuppressWarnings("deprecation") // path is older than path_config_source
    static void noteOthers(ConfigSource source, String path, Notes notes) {
        switch (source.getConfigSourceSpecifierCase()) {
            case PATH -> notes.unsupported(Paths.child(path, "path"));
            case PATH_CONFIG_SOURCE -> notes.unsupported(Paths.child(path, "path_config_source"));
            case API_CONFIG_SOURCE -> notes.unsupported(Paths.child(path, "api_config_source"));
            case ADS, SELF, CONFIGSOURCESPECIFIER_NOT_SET -> {}
        }
    }

    /** The name of a secret. Without {@code sds_config} it is a static one of the bootstrap, which the session's own provider has too. */
    @SuppressWarnings("deprecation") // path is older than path_config_source
    static SecretName secret(SdsSecretConfig config, String path, Refusal refusal) {
        if (!config.hasSdsConfig()) {
            return SecretName.ofControlPlane(config.getName());
        }
        ConfigSource source = config.getSdsConfig();
        String place =
                switch (source.getConfigSourceSpecifierCase()) {
                    case PATH -> "file:" + source.getPath();
                    case PATH_CONFIG_SOURCE ->
                        "file:" + source.getPathConfigSource().getPath();
                    case API_CONFIG_SOURCE ->
                        server(source.getApiConfigSource(), path + ".sds_config.api_config_source", refusal);
                    case ADS, SELF, CONFIGSOURCESPECIFIER_NOT_SET -> "";
                };
        return new SecretName(place, config.getName());
    }

    private static String server(ApiConfigSource source, String path, Refusal refusal) {
        switch (source.getApiType()) {
            case AGGREGATED_GRPC, AGGREGATED_DELTA_GRPC -> {
                return "";
            }
            case GRPC, DELTA_GRPC -> {
                // The very words of Envoy are of no use here; what it says is that one server is named, and no more.
                if (source.getGrpcServicesCount() != 1) {
                    throw new BadResourceException(
                            path + ".grpc_services", "must have one item, has " + source.getGrpcServicesCount());
                }
                return "cluster:" + source.getGrpcServices(0).getEnvoyGrpc().getClusterName();
            }
            default -> {
                refusal.because(path + ".api_type: " + source.getApiType() + " is not supported for secrets");
                return "cluster:";
            }
        }
    }
}
