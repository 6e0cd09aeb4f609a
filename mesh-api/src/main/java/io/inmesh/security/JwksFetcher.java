package io.inmesh.security;

import io.inmesh.model.JwtKeys;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Gets sets of keys of JWT providers ({@code remote_jwks}) from where they are published. Thread-safe; does not block. */
public interface JwksFetcher extends AutoCloseable {

    /** The largest set that is taken, in bytes. */
    int MAX_BYTES = 1 << 20;

    /** Gets nothing, so that tokens of providers with remote keys are refused. */
    JwksFetcher NONE = source ->
            CompletableFuture.failedFuture(new IllegalStateException("this mesh has nothing that fetches keys"));

    /**
     * Gets a set: a {@code GET} of the URI, sent to the cluster whatever host the URI names, with the retries that the source asks for.
     *
     * @return the body of a response 200, or a failure that says in a message for people what went wrong. Whoever asks waits no longer than the source's timeout,
     *         so that an answer later than that is of no use.
     */
    CompletionStage<byte[]> fetch(JwtKeys.Remote source);

    /** Gives back what it holds. Fetches under way may never end. */
    @Override
    default void close() {}
}
