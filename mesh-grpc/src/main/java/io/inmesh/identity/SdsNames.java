package io.inmesh.identity;

import io.inmesh.model.SecretName;
import org.jspecify.annotations.Nullable;

/**
 * What an SDS server calls the secrets that a configuration names.
 *
 * @param names       the source, and the names of the workload's own in the configuration
 * @param certificate the certificate's name at the server, or null if it is the same
 * @param roots       the roots' name at the server, or null if it is the same
 */
record SdsNames(
        IdentityNames names,
        @Nullable String certificate,
        @Nullable String roots) {

    String atServer(SecretName name) {
        if (certificate != null && name.name().equals(names.certificate())) {
            return certificate;
        }
        return roots != null && name.name().equals(names.roots()) ? roots : name.name();
    }
}
