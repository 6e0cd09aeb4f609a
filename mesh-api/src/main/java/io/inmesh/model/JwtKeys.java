package io.inmesh.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where the JSON Web Key Set of a provider comes from. */
public sealed interface JwtKeys {

    /** {@code local_jwks}: read once, with the configuration. */
    record Local(DataSource source) implements JwtKeys {}

    /**
     * {@code remote_jwks}.
     *
     * @param uri           what to get
     * @param cluster       where to get it, whatever host the URI names
     * @param timeout       of one fetch, with all its retries
     * @param cacheDuration how long a fetched set is used before it is fetched again; 10 minutes by default
     * @param async         fetched ahead of requests, or null if the first request that needs it fetches it
     * @param retryPolicy   of one fetch, or null if it is tried once
     */
    record Remote(
            String uri,
            String cluster,
            Duration timeout,
            Duration cacheDuration,
            @Nullable AsyncFetch async,
            @Nullable RetryPolicy retryPolicy)
            implements JwtKeys {}

    /**
     * {@code JwksAsyncFetch}.
     *
     * @param fastListener  whether the listener serves before the first fetch is done
     * @param failedRefetch the pause after a failed fetch; 1 s by default
     */
    record AsyncFetch(boolean fastListener, Duration failedRefetch) {}
}
