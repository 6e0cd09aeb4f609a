package io.inmesh.http;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** An exchange and the future that cancels it. */
final class AsyncExchange<T> {
    private final Exchange<T> exchange;
    private final ResponseFuture<HttpResponse<T>> future;

    AsyncExchange(Engine engine, BodyHandler<T> handler) {
        future = new ResponseFuture<>(engine.threads(), this::cancel);
        exchange = new Exchange<>(
                engine, handler, Sequence.on(engine.threads()), new FutureCompletion<>(engine.threads(), future));
    }

    CompletableFuture<HttpResponse<T>> start(HttpRequest request) {
        exchange.start(request);
        return future;
    }

    private void cancel() {
        exchange.abandon(new CancellationException("Request cancelled"));
    }
}
