package io.inmesh.transport;

import java.util.Set;

/**
 * What an application says of mesh TLS.
 *
 * @param allowedFiles       path prefixes of files that a control plane may name, after symbolic links are resolved; by default none
 * @param allowedEnvironment environment variables that a control plane may name; by default none
 * @param drainOnRootRemoval whether connections are closed at once when a root that vouched for their peer is withdrawn; otherwise they drain
 */
public record TlsOptions(Set<String> allowedFiles, Set<String> allowedEnvironment, boolean drainOnRootRemoval) {

    /** Nothing of this machine may be named by a control plane. */
    public static final TlsOptions DEFAULT = new TlsOptions(Set.of(), Set.of(), false);

    /** Takes copies. */
    public TlsOptions {
        allowedFiles = Set.copyOf(allowedFiles);
        allowedEnvironment = Set.copyOf(allowedEnvironment);
    }
}
