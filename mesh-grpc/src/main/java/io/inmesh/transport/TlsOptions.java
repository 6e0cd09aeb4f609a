package io.inmesh.transport;

import java.time.Duration;
import java.util.Set;

/**
 * What an application says of mesh TLS.
 *
 * @param allowedFiles       files, and folders with all that is below them, that a control plane may name, after symbolic links are resolved; by default none
 * @param allowedEnvironment environment variables that a control plane may name; by default none
 * @param drainPeriod        how long connections of replaced secrets take new requests; 10 minutes by default
 * @param drainOnRootRemoval whether they take none at once when a root was withdrawn
 */
public record TlsOptions(
        Set<String> allowedFiles, Set<String> allowedEnvironment, Duration drainPeriod, boolean drainOnRootRemoval) {

    /** Nothing of this machine may be named by a control plane. */
    public static final TlsOptions DEFAULT = new TlsOptions(Set.of(), Set.of(), Duration.ofMinutes(10), false);

    /** Takes copies. */
    public TlsOptions {
        allowedFiles = Set.copyOf(allowedFiles);
        allowedEnvironment = Set.copyOf(allowedEnvironment);
        if (drainPeriod.isNegative()) {
            throw new IllegalArgumentException("drainPeriod is negative: " + drainPeriod);
        }
    }

    /** These options, but a control plane may name these files, and all that is below these folders. */
    public TlsOptions withAllowedFiles(String... paths) {
        return new TlsOptions(Set.of(paths), allowedEnvironment, drainPeriod, drainOnRootRemoval);
    }

    /** These options, but connections of replaced secrets take new requests for so long. */
    public TlsOptions withDrainPeriod(Duration period) {
        return new TlsOptions(allowedFiles, allowedEnvironment, period, drainOnRootRemoval);
    }

    /** These options, but a withdrawn root counts at once. */
    public TlsOptions withDrainOnRootRemoval() {
        return new TlsOptions(allowedFiles, allowedEnvironment, drainPeriod, true);
    }
}
