package io.inmesh.http;

import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The request that a redirect makes of another one. */
final class FollowUpRequest extends HttpRequest {
    private final HttpRequest original;
    private final URI uri;
    private final String method;
    private final HttpHeaders headers;
    private final @Nullable BodyPublisher body;

    FollowUpRequest(HttpRequest original, URI uri, String method, HttpHeaders headers, @Nullable BodyPublisher body) {
        this.original = original;
        this.uri = uri;
        this.method = method;
        this.headers = headers;
        this.body = body;
    }

    @Override
    public Optional<BodyPublisher> bodyPublisher() {
        return Optional.ofNullable(body);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public Optional<Duration> timeout() {
        return original.timeout();
    }

    @Override
    public boolean expectContinue() {
        return original.expectContinue();
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public Optional<Version> version() {
        return original.version();
    }

    @Override
    public HttpHeaders headers() {
        return headers;
    }

    @Override
    public String toString() {
        return uri + " " + method;
    }
}
