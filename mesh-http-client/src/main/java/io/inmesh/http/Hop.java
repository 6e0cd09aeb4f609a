package io.inmesh.http;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.outbound.CallFacts;
import io.inmesh.outbound.CallOptions;
import io.inmesh.outbound.OutboundCall;
import io.inmesh.outbound.RequestBody;
import io.inmesh.snapshot.Dialect.Destination;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One request and its response within an exchange: the first one, or one that a redirect or a wish for credentials has led to. Lives on a loop. */
final class Hop implements OutboundCall.Observer {

    /** Told on the exchange's sequence, except for {@link #onOver}. */
    interface Owner {
        /** The head of the response; its body waits to be attached. */
        void onHead(Hop hop, ReceivedHead head);

        /** There will be no head. */
        void onFailure(Hop hop, Throwable cause);

        /** Nothing more happens on the wire; comes last and once, on the loop. */
        void onOver();
    }

    private final Engine engine;
    private final HttpRequest request;
    private final Sequence sequence;
    private final Owner owner;
    private final CallLoop loop;
    private final RequestHead head;
    private final CallOptions options;
    private final @Nullable RequestBody requestBody;

    // On the loop, except that the response's body is read on the sequence after the head was handed over.
    private @Nullable OutboundCall call;
    private @Nullable ResponseBody responseBody;
    private CallLoop.@Nullable Timer timeout;
    private boolean connected;
    private boolean headSeen;
    private boolean over;

    /** A hop that is ready to start. Asks the application's publisher for its length. */
    Hop(Engine engine, HttpRequest request, List<String> cookies, Sequence sequence, Owner owner) {
        this.engine = engine;
        this.request = request;
        this.sequence = sequence;
        this.owner = owner;
        this.loop = engine.transport().next();
        BodyPublisher publisher = request.bodyPublisher().orElse(null);
        Long length = publisher == null ? null : Long.valueOf(publisher.contentLength());
        this.head = RequestHeads.of(request, length, cookies);
        this.requestBody =
                publisher == null || length == null || length == 0 ? null : body(publisher, Math.max(length, -1));
        this.options = new CallOptions(destination(), version());
    }

    HttpRequest request() {
        return request;
    }

    /** Adds a header field that the application does not see. */
    void addField(String name, String value) {
        head.headers().add(name, value);
    }

    void start() {
        if (!LoopTask.offer(loop, this::begin)) {
            over();
            owner.onFailure(this, new IOException("closed"));
        }
    }

    /** The response's body; on the sequence, after {@link Owner#onHead}. */
    ResponseBody responseBody() {
        ResponseBody body = responseBody;
        if (body == null) {
            throw new IllegalStateException("the hop has not started");
        }
        return body;
    }

    /** Gives the hop up, from any thread. A body that was begun ends with the cause. */
    void abandon(Throwable cause) {
        LoopTask.offer(loop, () -> {
            ResponseBody body = responseBody;
            if (headSeen && body != null) {
                body.fail(cause);
            } else {
                stop();
            }
        });
    }

    private void begin() {
        if (over) {
            return;
        }
        OutboundCall newCall = engine.mesh().newCall(loop, engine.transport(), head, requestBody, options, this);
        call = newCall;
        responseBody =
                new ResponseBody(sequence, loop, newCall, engine.settings().maxResponseBodyBytes(), this::over);
        request.timeout().ifPresent(duration -> timeout = loop.schedule(this::timedOut, saturatedNanos(duration)));
        newCall.start();
        if (!over) {
            newCall.request(ResponseBody.WINDOW);
        }
    }

    @Override
    public void onConnected() {
        connected = true;
    }

    @Override
    public void onInformational(int status) {
        if (status == 100 && requestBody instanceof PublishedBody published) {
            published.proceed();
        }
    }

    @Override
    public void onHead(ResponseHead responseHead, CallFacts facts) {
        headSeen = true;
        cancelTimeout();
        ReceivedHead received = new ReceivedHead(responseHead, facts);
        sequence.execute(() -> owner.onHead(this, received));
    }

    @Override
    public void onData(ByteBuffer data) {
        responseBody().arrive(data);
    }

    @Override
    public void onComplete(@Nullable Headers trailers) {
        responseBody().end(null);
    }

    @Override
    public void onFailure(Throwable cause) {
        if (headSeen) {
            responseBody().end(cause);
        } else {
            cancelTimeout();
            over();
            sequence.execute(() -> owner.onFailure(this, cause));
        }
    }

    private void timedOut() {
        if (!headSeen && !over) {
            stop();
            sequence.execute(() -> owner.onFailure(this, Failures.timedOut(connected)));
        }
    }

    private void stop() {
        cancelTimeout();
        if (call != null) {
            call.cancel();
        }
        over();
    }

    private void over() {
        if (!over) {
            over = true;
            owner.onOver();
        }
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel();
            timeout = null;
        }
    }

    private RequestBody body(BodyPublisher publisher, long length) {
        MemoryBody memory = request.expectContinue() ? null : MemoryBody.of(publisher, length);
        return memory != null
                ? memory
                : new PublishedBody(publisher, length, request.expectContinue(), loop, Sequence.on(engine.threads()));
    }

    /** An application that sets its own {@code Host} still goes where its URI says. */
    private @Nullable Destination destination() {
        if (request instanceof MeshHttpRequest
                || request.headers().firstValue("host").isEmpty()) {
            return null;
        }
        URI uri = request.uri();
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = uri.getPort() < 0 ? RequestHeads.defaultPort(head.scheme()) : uri.getPort();
        return new Destination(head.scheme(), bare, port);
    }

    private HttpVersion version() {
        Version wanted = request.version().orElse(engine.settings().version());
        return wanted == Version.HTTP_1_1 ? HttpVersion.HTTP_1 : HttpVersion.ALPN;
    }

    private static long saturatedNanos(java.time.Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }
}
