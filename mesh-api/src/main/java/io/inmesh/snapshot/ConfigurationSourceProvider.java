package io.inmesh.snapshot;

import java.util.Optional;

/**
 * Finds a configuration source in the process's surroundings: environment variables and system properties. Found by {@link java.util.ServiceLoader},
 * when an application names no source itself.
 */
public interface ConfigurationSourceProvider {

    /**
     * The source that the surroundings name, not yet started; empty if they name none that this provider knows.
     *
     * @throws RuntimeException if they name one that cannot be used; the message says which variable, file and line
     */
    Optional<ConfigurationSource> find();

    /** What to set for {@link #find} to find something, for the message of a failure: {@code set INMESH_BOOTSTRAP to ...}. */
    String hint();
}
