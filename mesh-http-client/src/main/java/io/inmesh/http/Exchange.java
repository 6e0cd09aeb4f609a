package io.inmesh.http;

import java.io.IOException;
import java.net.Authenticator.RequestorType;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One send of the application: a request, the requests that follow from it, and the response. Everything but {@link #abandon} and {@link #onOver} happens
 * on the exchange's sequence, so the application's handlers run one after the other and never on an event loop.
 */
final class Exchange<T> implements Hop.Owner {
    /** Subscribers whose {@code getBody} does nothing but hand a future out. Of others it is not known: one may wait there for the body to arrive. */
    private static final Set<Class<?>> PLAIN_BODIES = Set.of(
            BodySubscribers.ofByteArray().getClass(),
            BodySubscribers.discarding().getClass(),
            BodySubscribers.ofInputStream().getClass());

    /** Of a response that is followed up: below 100,000 bytes the body is read, above it its stream is given up. */
    private static final int MAX_DISCARDED_DIGITS = 5;

    private final Engine engine;
    private final BodyHandler<T> handler;
    private final Sequence sequence;
    private final Completion<T> completion;
    private final BasicAuthentication serverAuthentication;
    private final BasicAuthentication proxyAuthentication;
    private final AtomicBoolean completed = new AtomicBoolean();
    /** The result and each hop: what must be over before the exchange is. */
    private final AtomicInteger open = new AtomicInteger(1);

    private volatile @Nullable Throwable abandoned;
    private volatile @Nullable Hop hop;
    private int redirects;
    private @Nullable HttpResponse<T> previous;

    Exchange(Engine engine, BodyHandler<T> handler, Sequence sequence, Completion<T> completion) {
        this.engine = engine;
        this.handler = handler;
        this.sequence = sequence;
        this.completion = completion;
        this.serverAuthentication = new BasicAuthentication(
                engine.settings().authenticator(), engine.serverCredentials(), RequestorType.SERVER);
        this.proxyAuthentication = new BasicAuthentication(
                engine.settings().authenticator(), engine.proxyCredentials(), RequestorType.PROXY);
    }

    /** Sends the first request; on the thread of the application, whose publisher and cookie handler are asked there. */
    void start(HttpRequest request) {
        if (engine.operations().begin(this)) {
            send(request);
        } else {
            fail(new IOException("closed"));
        }
    }

    /** Gives the exchange up, from any thread: the stream is reset, and the result is the cause, unless there is one already. */
    void abandon(Throwable cause) {
        abandoned = cause;
        Hop current = hop;
        if (current != null) {
            current.abandon(new IOException(cause.getMessage(), cause));
        }
        fail(cause);
    }

    private void send(HttpRequest request) {
        try {
            List<String> cookies = Cookies.of(engine.settings().cookies(), request);
            Hop next = new Hop(engine, request, cookies, sequence, this);
            addCredentials(next, serverAuthentication);
            addCredentials(next, proxyAuthentication);
            open.incrementAndGet();
            hop = next;
            next.start();
            Throwable cause = abandoned;
            if (cause != null) {
                next.abandon(cause);
            }
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private static void addCredentials(Hop next, BasicAuthentication authentication) {
        String credentials = authentication.credentialsFor(next.request());
        if (credentials != null) {
            next.addField(authentication.requestField(), credentials);
        }
    }

    @Override
    public void onHead(Hop from, ReceivedHead head) {
        try {
            HttpRequest request = from.request();
            Cookies.store(engine.settings().cookies(), request, head);
            HttpRequest next = followUp(request, head);
            if (next == null) {
                receive(from, head);
            } else {
                previous = new ReceivedResponse<>(request, head, null, previous);
                discard(from, head, () -> send(next));
            }
        } catch (Throwable thrown) {
            from.abandon(thrown);
            fail(thrown);
        }
    }

    @Override
    public void onFailure(Hop from, Throwable cause) {
        fail(cause);
    }

    @Override
    public void onOver() {
        oneIsOver();
    }

    private @Nullable HttpRequest followUp(HttpRequest request, ReceivedHead head) throws IOException {
        String location = head.fields().get("location");
        HttpRequest redirected =
                Redirects.next(engine.settings().redirects(), request, head.statusCode(), location, redirects);
        if (redirected != null) {
            redirects++;
            serverAuthentication.leave();
            proxyAuthentication.leave();
            return redirected;
        }
        boolean again = serverAuthentication.again(request, head) || proxyAuthentication.again(request, head);
        return again ? request : null;
    }

    /** Reads a short body to its end, so that its connection can be used again, and gives a long one up. */
    private static void discard(Hop from, ReceivedHead head, Runnable afterwards) {
        ResponseBody body = from.responseBody();
        String length = head.fields().get("content-length");
        if (length == null || length.length() > MAX_DISCARDED_DIGITS) {
            body.cancel();
            afterwards.run();
            return;
        }
        BodySubscriber<Void> nothing = BodySubscribers.discarding();
        nothing.getBody().whenComplete((ignored, failure) -> afterwards.run());
        body.attach(nothing);
    }

    private void receive(Hop from, ReceivedHead head) throws IOException {
        if (head.statusCode() == 204 && announcesBody(head)) {
            throw new IOException("unexpected content length header with 204 response");
        }
        BodySubscriber<T> subscriber =
                Objects.requireNonNull(handler.apply(head), "the body handler gave no subscriber");
        ResponseBody body = from.responseBody();
        if (PLAIN_BODIES.contains(subscriber.getClass())) {
            await(subscriber.getBody(), from, head, body);
            body.attach(subscriber);
            return;
        }
        body.attach(subscriber);
        if (body.delivered()) {
            await(subscriber.getBody(), from, head, body);
        } else {
            engine.threads().execute(() -> awaitBody(subscriber, from, head, body));
        }
    }

    private void awaitBody(BodySubscriber<T> subscriber, Hop from, ReceivedHead head, ResponseBody body) {
        try {
            await(subscriber.getBody(), from, head, body);
        } catch (Throwable thrown) {
            from.abandon(thrown);
            fail(thrown);
        }
    }

    private void await(CompletionStage<T> stage, Hop from, ReceivedHead head, ResponseBody body) {
        HttpResponse<T> before = previous;
        stage.whenComplete((result, failure) -> {
            if (failure == null) {
                succeed(new ReceivedResponse<>(from.request(), head, result, before), body.delivered());
            } else {
                from.abandon(failure);
                fail(failure);
            }
        });
    }

    private static boolean announcesBody(ReceivedHead head) {
        String length = head.fields().get("content-length");
        return (length != null && !length.equals("0")) || head.fields().contains("transfer-encoding");
    }

    private void succeed(HttpResponse<T> response, boolean mayRunHere) {
        if (completed.compareAndSet(false, true)) {
            completion.succeed(response, mayRunHere);
            oneIsOver();
        }
    }

    private void fail(Throwable cause) {
        if (completed.compareAndSet(false, true)) {
            Throwable plain =
                    cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
            completion.fail(plain);
            oneIsOver();
        }
    }

    private void oneIsOver() {
        if (open.decrementAndGet() == 0) {
            engine.operations().end(this);
        }
    }
}
