package io.inmesh.samples.istio;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Passes a request on to {@code reviews}, by its short name, as an ordinary client does; and says with whom it spoke. */
final class ReviewsCall implements HttpHandler {
    static final String SERVER = "x-server";
    static final String TLS = "x-tls";
    private static final List<String> FORWARDED = List.of("x-user", "authorization");
    private static final List<String> RETURNED =
            List.of(ReviewsHandler.VERSION, ReviewsHandler.INSTANCE, ReviewsHandler.CALLER);

    private final HttpClient client;

    ReviewsCall(HttpClient client) {
        this.client = client;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://reviews:9080" + exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), BodyPublishers.noBody());
        for (String name : FORWARDED) {
            String value = exchange.getRequestHeaders().getFirst(name);
            if (value != null) {
                request.header(name, value);
            }
        }
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            RETURNED.forEach(
                    name -> response.headers().firstValue(name).ifPresent(value -> exchange.getResponseHeaders()
                            .set(name, value)));
            SSLSession session = response.sslSession().orElse(null);
            exchange.getResponseHeaders().set(TLS, session == null ? "none" : session.getProtocol());
            exchange.getResponseHeaders().set(SERVER, peer(session));
            answer(exchange, response.statusCode(), response.body());
        } catch (IOException e) {
            answer(exchange, 502, e + "\n");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.close();
        }
    }

    /** The SPIFFE id of who has answered. */
    static String peer(@Nullable SSLSession session) throws SSLPeerUnverifiedException {
        try {
            return session == null
                    ? "nobody"
                    : ((X509Certificate) session.getPeerCertificates()[0])
                            .getSubjectAlternativeNames().stream()
                                    .filter(name -> Integer.valueOf(6).equals(name.get(0))) // RFC 5280: URI [6]
                                    .map(name -> String.valueOf(name.get(1)))
                                    .findFirst()
                                    .orElse("somebody");
        } catch (CertificateParsingException e) {
            return "somebody";
        }
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            byte[] octets = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
            exchange.getResponseBody().write(octets);
        }
    }
}
