package io.inmesh.http;

import io.inmesh.outbound.CallFacts;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A response with its body, or without one for a response that was followed up. */
final class ReceivedResponse<T> implements MeshHttpResponse<T> {
    private final HttpRequest request;
    private final ReceivedHead head;
    private final @Nullable T body;
    private final @Nullable HttpResponse<T> previous;

    ReceivedResponse(HttpRequest request, ReceivedHead head, @Nullable T body, @Nullable HttpResponse<T> previous) {
        this.request = request;
        this.head = head;
        this.body = body;
        this.previous = previous;
    }

    @Override
    public int statusCode() {
        return head.statusCode();
    }

    @Override
    public HttpRequest request() {
        return request;
    }

    @Override
    public Optional<HttpResponse<T>> previousResponse() {
        return Optional.ofNullable(previous);
    }

    @Override
    public HttpHeaders headers() {
        return head.headers();
    }

    @Override
    @SuppressWarnings(
            "NullAway") // the JDK's type has no word for it: the body of a response that was followed up is null
    public T body() {
        return body;
    }

    @Override
    public Optional<SSLSession> sslSession() {
        return head.sslSession();
    }

    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public Version version() {
        return head.version();
    }

    @Override
    public CallFacts mesh() {
        return head.facts();
    }

    @Override
    public String toString() {
        return "(" + request.method() + " " + request.uri() + ") " + statusCode();
    }
}
