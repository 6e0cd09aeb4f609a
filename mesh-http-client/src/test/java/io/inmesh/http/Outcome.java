package io.inmesh.http;

import io.inmesh.http.testing.HttpTestServer.Request;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * What came of a request, on both sides, as far as it must be the same for every client.
 *
 * @param result status, version, path, what was followed up, and the body; or the kind of the exception
 * @param fields of the response
 * @param seen   by the server, one text a request
 */
record Outcome(String result, Map<String, List<String>> fields, List<String> seen) {

    /** Exceptions that an application may tell apart; of others only the nearest of these is. */
    private static final List<Class<? extends Throwable>> KINDS = List.of(
            HttpConnectTimeoutException.class,
            HttpTimeoutException.class,
            ConnectException.class,
            SSLHandshakeException.class,
            SSLException.class,
            java.io.IOException.class,
            IllegalArgumentException.class,
            SecurityException.class,
            InterruptedException.class,
            NullPointerException.class,
            RuntimeException.class,
            Throwable.class);

    /**
     * Request headers that are not compared. The documented differences: another default {@code User-Agent} (removed only when it is a default), what the
     * JDK's client sends to upgrade to HTTP/2, and what Envoy adds on a meshed route. The server's own codec adds the {@code x-http2-} ones.
     */
    private static final Set<String> NOT_COMPARED =
            Set.of("connection", "upgrade", "http2-settings", "x-forwarded-proto", "x-request-id");

    static Outcome of(HttpClient client, boolean async, HttpRequest request, BodyHandler<?> handler, EchoHandler server)
            throws InterruptedException {
        server.takeSeen();
        String result;
        Map<String, List<String>> fields = Map.of();
        try {
            HttpResponse<?> response = async
                    ? client.sendAsync(request, handler).get(60, TimeUnit.SECONDS)
                    : client.send(request, handler);
            result = text(response);
            fields = fields(response);
        } catch (ExecutionException e) {
            result = kind(e.getCause() == null ? e : e.getCause());
        } catch (Exception e) {
            result = kind(e);
        }
        return new Outcome(result, fields, seen(server.takeSeen()));
    }

    private static String text(HttpResponse<?> response) {
        StringBuilder text = new StringBuilder();
        text.append(response.statusCode()).append(' ').append(response.version());
        text.append(' ')
                .append(response.uri().getPath())
                .append(' ')
                .append(response.request().method());
        for (HttpResponse<?> previous = response.previousResponse().orElse(null);
                previous != null;
                previous = previous.previousResponse().orElse(null)) {
            text.append(" after ")
                    .append(previous.statusCode())
                    .append(' ')
                    .append(previous.uri().getPath());
        }
        String body = ComparedRequest.text(response.body());
        return text.append(": ")
                .append(body.length() > 200 ? body.hashCode() + " of " + body.length() : body)
                .toString();
    }

    private static Map<String, List<String>> fields(HttpResponse<?> response) {
        Map<String, List<String>> fields = new TreeMap<>();
        response.headers().map().forEach((name, values) -> {
            String key = name.toLowerCase(Locale.ROOT);
            // The JDK's client lists the pseudo-header among the fields of an HTTP/2 response; Envoy adds its own.
            if (!key.equals(":status") && !key.startsWith("x-envoy-") && !key.startsWith("x-http2-")) {
                fields.put(key, values);
            }
        });
        return fields;
    }

    private static String kind(Throwable failure) {
        // A redirect to nowhere: Java 17's client lets the wrapper of its IOException out of sendAsync, newer ones do
        // not.
        if (failure instanceof UncheckedIOException) {
            return java.io.IOException.class.getSimpleName();
        }
        for (Class<? extends Throwable> kind : KINDS) {
            if (kind.isInstance(failure)) {
                return kind.getSimpleName();
            }
        }
        throw new AssertionError(failure);
    }

    private static List<String> seen(List<Request> requests) {
        List<String> texts = new ArrayList<>();
        for (Request request : requests) {
            Map<String, List<String>> fields = new TreeMap<>();
            for (Map.Entry<String, String> field : request.headers()) {
                String name = field.getKey();
                boolean defaultAgent =
                        name.equals("user-agent") && field.getValue().contains("-http-client");
                // The JDK's client announces an empty body on HTTP/1.1 only.
                boolean announcesNothing =
                        name.equals("content-length") && field.getValue().equals("0");
                if (!NOT_COMPARED.contains(name)
                        && !announcesNothing
                        && !defaultAgent
                        && !name.startsWith("x-envoy-")
                        && !name.startsWith("x-http2-")) {
                    String value =
                            switch (name) {
                                case "expect" -> field.getValue().toLowerCase(Locale.ROOT);
                                // The order of cookies differs in the JDK's client between its two protocols.
                                case "cookie" ->
                                    Stream.of(field.getValue().split("; "))
                                            .sorted()
                                            .collect(Collectors.joining("; "));
                                default -> field.getValue();
                            };
                    fields.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
                }
            }
            String body = request.text();
            texts.add(request.method() + " " + request.uri() + " " + request.version() + " " + fields + " "
                    + (body.length() > 200 ? body.hashCode() + " of " + body.length() : body));
        }
        return texts;
    }
}
