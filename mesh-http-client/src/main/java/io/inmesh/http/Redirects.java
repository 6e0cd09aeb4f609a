package io.inmesh.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which redirects are followed, and with which request: as the JDK's client does it. */
final class Redirects {
    /** {@code jdk.httpclient.redirects.retrylimit} of the JDK's client: the fifth redirect is given to the application. */
    private static final int LIMIT = 5;

    /** What another origin does not get. */
    private static final Set<String> OWN_ORIGIN_ONLY = Set.of("authorization", "cookie", "origin", "referer", "host");

    private Redirects() {}

    /**
     * The request that follows a response, or null if none does.
     *
     * @param followed how many redirects were followed before
     */
    static @Nullable HttpRequest next(
            Redirect policy, HttpRequest request, int status, @Nullable String location, int followed)
            throws IOException {
        if (policy == Redirect.NEVER || !redirects(status)) {
            return null;
        }
        URI target = target(request.uri(), location);
        if (!allowed(policy, request.uri(), target) || followed + 1 >= LIMIT) {
            return null;
        }
        String method = method(status, request.method());
        boolean sameMethod = method.equals(request.method());
        BodyPublisher body =
                status != 303 && sameMethod ? request.bodyPublisher().orElse(null) : null;
        boolean sameOrigin = sameOrigin(request.uri(), target);
        HttpHeaders headers = sameOrigin
                ? request.headers()
                : HttpHeaders.of(
                        request.headers().map(),
                        (name, value) -> !OWN_ORIGIN_ONLY.contains(name.toLowerCase(Locale.ROOT)));
        HttpRequest next = new FollowUpRequest(request, target, method, headers, body);
        return sameOrigin && request instanceof MeshHttpRequest meshed
                ? MeshHttpRequest.withAuthority(next, meshed.authority())
                : next;
    }

    private static boolean redirects(int status) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    private static URI target(URI uri, @Nullable String location) throws IOException {
        if (location == null) {
            throw new IOException("Invalid redirection: the response has no Location");
        }
        URI target;
        try {
            target = uri.resolve(URI.create(location));
        } catch (IllegalArgumentException malformed) {
            throw new IOException("Invalid redirection: " + location, malformed);
        }
        String scheme = target.getScheme();
        if (target.getHost() == null || !("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))) {
            throw new IOException("Invalid redirection: " + location);
        }
        return target;
    }

    private static boolean allowed(Redirect policy, URI from, URI to) {
        return policy == Redirect.ALWAYS
                || to.getScheme().equalsIgnoreCase(from.getScheme())
                || to.getScheme().equalsIgnoreCase("https");
    }

    private static String method(int status, String method) {
        return switch (status) {
            case 301, 302 -> method.equals("POST") ? "GET" : method;
            case 303 -> "GET";
            default -> method;
        };
    }

    private static boolean sameOrigin(URI a, URI b) {
        return a.getScheme().equalsIgnoreCase(b.getScheme())
                && a.getRawAuthority().equals(b.getRawAuthority());
    }
}
