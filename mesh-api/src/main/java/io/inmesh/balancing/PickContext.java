package io.inmesh.balancing;

import io.inmesh.exchange.RequestHead;
import io.inmesh.snapshot.Dialect.Destination;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the choice of a host may depend on. One belongs to each call; nothing in it is kept after the choice.
 */
public interface PickContext {
    /** Chance, injected. */
    RandomGenerator random();

    /** Whether to choose again, up to {@link #hostSelectionAttempts()} times: {@code retry_host_predicate}. */
    default boolean rejects(Host host) {
        return false;
    }

    /**
     * How many further choices are made after a rejected one; the last choice stands even if it is rejected. Envoy gives 0 to a first attempt and
     * {@code host_selection_retry_max_attempts}, by default 1, to a retry.
     */
    default int hostSelectionAttempts() {
        return 0;
    }

    /** Where the application wants to go, before any rewrite; null if nobody knows. Clusters of original destinations take their host from it. */
    default @Nullable Destination destination() {
        return null;
    }

    /** The request as it is going to be sent, or null if there is none. Clusters whose requests name their hosts read it. */
    default @Nullable RequestHead request() {
        return null;
    }

    /** Whether a host that is made because the request names it stays; not for somebody who only asks. */
    default boolean keepsHost() {
        return true;
    }

    /** Filled by the choice with how it came about, or null when nobody wants to know. */
    default @Nullable PickTrace trace() {
        return null;
    }
}
