package io.inmesh.http;

import java.io.IOException;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** The result of a blocking send: its thread runs the tasks of the exchange until the result is there. */
final class BlockingCompletion<T> implements Completion<T> {
    private final Sequence sequence;
    private volatile @Nullable HttpResponse<T> response;
    private volatile @Nullable Throwable failure;

    BlockingCompletion(Sequence sequence) {
        this.sequence = sequence;
    }

    @Override
    public void succeed(HttpResponse<T> newResponse, boolean mayRunHere) {
        response = newResponse;
        sequence.wake();
    }

    @Override
    public void fail(Throwable cause) {
        failure = cause;
        sequence.wake();
    }

    HttpResponse<T> await() throws IOException, InterruptedException {
        sequence.runUntil(() -> response != null || failure != null);
        HttpResponse<T> result = response;
        if (result != null) {
            return result;
        }
        throw Failures.ofSend(failure == null ? new IllegalStateException("no result") : failure);
    }
}
