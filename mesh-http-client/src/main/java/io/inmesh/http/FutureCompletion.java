package io.inmesh.http;

import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** The result of an asynchronous send. */
final class FutureCompletion<T> implements Completion<T> {
    private final Executor executor;
    private final CompletableFuture<HttpResponse<T>> future;

    FutureCompletion(Executor executor, CompletableFuture<HttpResponse<T>> future) {
        this.executor = executor;
        this.future = future;
    }

    @Override
    public void succeed(HttpResponse<T> response, boolean mayRunHere) {
        if (mayRunHere) {
            future.complete(response);
        } else {
            executor.execute(() -> future.complete(response));
        }
    }

    /** Wrapped, because what the JDK's client returns is a dependent stage: handlers see a {@link CompletionException} there, too. */
    @Override
    public void fail(Throwable cause) {
        future.completeExceptionally(cause instanceof CompletionException ? cause : new CompletionException(cause));
    }
}
