package io.inmesh.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What {@code sendAsync} returns. Cancelling it, or a future derived from it, gives the exchange up; asynchronous continuations without an executor
 * of their own run on the client's threads and not on the common pool.
 */
final class ResponseFuture<T> extends CompletableFuture<T> {
    private final Executor executor;
    private final Runnable onCancel;

    ResponseFuture(Executor executor, Runnable onCancel) {
        this.executor = executor;
        this.onCancel = onCancel;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            onCancel.run();
        }
        return cancelled;
    }

    @Override
    public Executor defaultExecutor() {
        return executor;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new ResponseFuture<>(executor, onCancel);
    }
}
