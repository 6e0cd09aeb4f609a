package io.inmesh.balancing;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a host. One is made for each version of a cluster's hosts; it is immutable but for the counters that it shares with its predecessor.
 *
 * <p>Thread-safe and quick: no lock, no I/O, no allocation.
 */
public interface LoadBalancer {

    /** A host for a request, or null when none may be used. */
    @Nullable
    Host pick(PickContext context);

    /** What a choice may depend on. */
    interface PickContext {
        /** Chance, injected. */
        RandomGenerator random();

        /** {@code retry_host_predicate}: whether to choose again, up to {@link #hostSelectionAttempts()} times. */
        boolean rejects(Host host);

        /** {@code host_selection_retry_max_attempts} of a retry, 1 by default; the last choice stands even if it is rejected. */
        int hostSelectionAttempts();
    }
}
