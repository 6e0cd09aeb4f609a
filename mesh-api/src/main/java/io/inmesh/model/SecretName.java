package io.inmesh.model;

/**
 * The name of a secret and where it comes from: {@code SdsSecretConfig} in {@code envoy.extensions.transport_sockets.tls.v3}.
 *
 * @param source empty for the control plane's own stream; {@code cluster:NAME} for a server of its own ({@code api_config_source});
 *               {@code file:PATH} for a file ({@code path_config_source})
 * @param name   its name there, such as {@code default}, {@code ROOTCA} or {@code identity_cert:secret:default}
 */
public record SecretName(String source, String name) {

    /** A secret of the control plane's own stream. */
    public static SecretName ofControlPlane(String name) {
        return new SecretName("", name);
    }

    @Override
    public String toString() {
        return source.isEmpty() ? "secret " + name : "secret " + name + " of " + source;
    }
}
