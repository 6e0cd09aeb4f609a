package io.inmesh.http;

import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * A request to a name that a {@link URI} cannot say.
 *
 * <p>Names of a mesh may hold underscores ({@code orders_v2:8080}); {@link HttpRequest#newBuilder(URI)} refuses such a host. Build the request with any
 * host and say the name here:
 *
 * <pre>{@code
 * HttpRequest request = HttpRequest.newBuilder(URI.create("http://orders/items")).build();
 * client.send(MeshHttpRequest.withAuthority(request, "orders_v2:8080"), BodyHandlers.ofString());
 * }</pre>
 *
 * <p>Only a {@link MeshHttpClient} heeds the name; other clients send the request to the host of its URI.
 */
public final class MeshHttpRequest extends HttpRequest {
    private final HttpRequest request;
    private final String authority;

    private MeshHttpRequest(HttpRequest request, String authority) {
        this.request = request;
        this.authority = authority;
    }

    /**
     * A request like another one, but for this host and port.
     *
     * @param request   everything but the authority
     * @param authority a host, and a port behind a colon unless it is the scheme's own
     * @throws IllegalArgumentException if the authority is empty or holds what no authority may hold
     */
    public static MeshHttpRequest withAuthority(HttpRequest request, String authority) {
        if (authority.isEmpty()) {
            throw new IllegalArgumentException("the authority is empty");
        }
        for (int i = 0; i < authority.length(); i++) {
            char c = authority.charAt(i);
            // RFC 3986 3.2: what ends an authority, user information, and what is not printable.
            if (c <= ' ' || c >= 0x7f || "/?#@\\\"<>".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "the authority \"" + authority + "\" holds the character " + (int) c + " at " + i);
            }
        }
        HttpRequest plain = request instanceof MeshHttpRequest meshed ? meshed.request : request;
        return new MeshHttpRequest(plain, authority);
    }

    /** Host and port to which the request goes. */
    public String authority() {
        return authority;
    }

    @Override
    public Optional<BodyPublisher> bodyPublisher() {
        return request.bodyPublisher();
    }

    @Override
    public String method() {
        return request.method();
    }

    @Override
    public Optional<Duration> timeout() {
        return request.timeout();
    }

    @Override
    public boolean expectContinue() {
        return request.expectContinue();
    }

    /** The URI as it was built, whose host is not the one that the request goes to. */
    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public Optional<Version> version() {
        return request.version();
    }

    @Override
    public HttpHeaders headers() {
        return request.headers();
    }

    @Override
    public String toString() {
        return uri() + " " + method() + " to " + authority;
    }
}
