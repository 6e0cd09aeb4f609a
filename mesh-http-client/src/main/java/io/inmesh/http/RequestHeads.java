package io.inmesh.http;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From the application's request to what goes on its way: checks, pseudo-headers, and the header fields that a client adds by itself. */
final class RequestHeads {
    /** What is sent when the application sets no {@code User-Agent}. */
    static final String USER_AGENT = "Inmesh-http-client";

    /** Requests of the JDK's own builder were checked by it. */
    private static final Class<?> CHECKED =
            HttpRequest.newBuilder(URI.create("http://localhost")).build().getClass();

    /** What the JDK's builder refuses unless {@code jdk.httpclient.allowRestrictedHeaders} names it. */
    private static final Set<String> RESTRICTED = Set.of("connection", "content-length", "expect", "host", "upgrade");

    /** Belongs to a connection and not to a request (RFC 9110 7.6.1), or is computed here. */
    private static final Set<String> NOT_SENT = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "proxy-connection",
            "transfer-encoding",
            "upgrade");

    private RequestHeads() {}

    /**
     * Refuses what cannot be sent.
     *
     * @throws IllegalArgumentException with the JDK's wording
     */
    static void check(HttpRequest request) {
        if (request.method().equals("CONNECT")) {
            throw new IllegalArgumentException("Unsupported method CONNECT");
        }
        if (CHECKED.isInstance(request) || request instanceof FollowUpRequest) {
            return;
        }
        checkUri(request.uri());
        if (!isToken(request.method())) {
            throw new IllegalArgumentException("illegal method \"" + request.method() + "\"");
        }
        request.timeout().ifPresent(timeout -> {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("Invalid duration: " + timeout);
            }
        });
        request.headers().map().forEach(RequestHeads::checkField);
    }

    /**
     * The head of a request.
     *
     * @param contentLength of the body; -1 if unknown, and null if there is no body at all
     * @param cookies       from the cookie handler
     */
    static RequestHead of(HttpRequest request, @Nullable Long contentLength, List<String> cookies) {
        Headers fields = new Headers();
        Map<String, List<String>> own = request.headers().map();
        String host = null;
        String cookie = cookies.isEmpty() ? null : String.join("; ", cookies);
        for (Map.Entry<String, List<String>> field : own.entrySet()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            List<String> values = field.getValue();
            if (name.equals("host")) {
                host = values.get(0);
            } else if (name.equals("cookie")) {
                // RFC 6265 5.4: one field, the handler's cookies first, as the JDK's client sends it.
                String text = String.join("; ", values);
                cookie = cookie == null ? text : cookie + "; " + text;
            } else if (!NOT_SENT.contains(name)) {
                for (String value : values) {
                    fields.add(name, value);
                }
            }
        }
        if (cookie != null) {
            fields.add("cookie", cookie);
        }
        if (!fields.contains("user-agent")) {
            fields.add("user-agent", USER_AGENT);
        }
        if (contentLength != null && contentLength >= 0) {
            fields.add("content-length", Long.toString(contentLength));
        }
        if (request.expectContinue() && contentLength != null && contentLength != 0) {
            fields.add("expect", "100-continue");
        }
        URI uri = request.uri();
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        String authority = host != null ? host : authority(request, scheme);
        return new RequestHead(request.method(), scheme, authority, path(uri), fields);
    }

    /** Host, and port where it is not the scheme's own. */
    static String authority(HttpRequest request, String scheme) {
        if (request instanceof MeshHttpRequest meshed) {
            return meshed.authority();
        }
        URI uri = request.uri();
        int port = uri.getPort();
        return port < 0 || port == defaultPort(scheme) ? uri.getHost() : uri.getHost() + ":" + port;
    }

    static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    private static String path(URI uri) {
        String path = uri.getRawPath();
        String query = uri.getRawQuery();
        String target = path == null || path.isEmpty() ? "/" : path;
        if (query != null && !query.isEmpty()) {
            target = target + "?" + query;
        }
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) >= 0x80) {
                return ascii(target);
            }
        }
        return target;
    }

    /** Characters beyond ASCII in UTF-8 and percent-encoded: what {@link URI#toASCIIString} does to a whole URI. */
    private static String ascii(String target) {
        String prefix = "http://h";
        return URI.create(prefix + target).toASCIIString().substring(prefix.length());
    }

    private static void checkUri(URI uri) {
        String scheme = uri.getScheme();
        if (scheme == null) {
            throw new IllegalArgumentException("URI with undefined scheme");
        }
        if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
            throw new IllegalArgumentException("invalid URI scheme " + scheme);
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("unsupported URI " + uri
                    + (uri.getRawAuthority() == null
                            ? ""
                            : ": java.net.URI finds no host in it; MeshHttpRequest.withAuthority takes names such as "
                                    + uri.getRawAuthority()));
        }
    }

    private static void checkField(String name, List<String> values) {
        if (!isToken(name)) {
            throw new IllegalArgumentException("invalid header name: \"" + name + "\"");
        }
        if (RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("restricted header name: \"" + name + "\"");
        }
        for (String value : values) {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                    throw new IllegalArgumentException("invalid header value for " + name + ": \"" + value + "\"");
                }
            }
        }
    }

    /** RFC 9110 5.6.2. */
    private static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
