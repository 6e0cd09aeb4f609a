package io.inmesh.outbound;

import io.inmesh.model.RetryPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a request of the mesh itself goes: straight to a cluster, as those of Envoy's {@code Http::AsyncClient}.
 *
 * @param cluster     its name, in the configuration that is in force when the call starts
 * @param timeout     for the response, with all retries
 * @param retryPolicy or null for a single attempt
 */
public record ClusterRoute(
        String cluster, Duration timeout, @Nullable RetryPolicy retryPolicy) {}
