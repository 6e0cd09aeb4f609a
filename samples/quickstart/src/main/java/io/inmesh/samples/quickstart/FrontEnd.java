package io.inmesh.samples.quickstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.inmesh.samples.stage.DaemonThreads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A door for curl: passes a GET on to {@code http://shop/}, through the mesh. */
final class FrontEnd implements AutoCloseable {
    private final HttpClient client;
    private final HttpServer server;
    private final ExecutorService workers = Executors.newFixedThreadPool(4, DaemonThreads.named("front-end"));

    FrontEnd(HttpClient client, InetSocketAddress address) throws IOException {
        this.client = client;
        server = HttpServer.create(address, 0);
        server.setExecutor(workers);
        server.createContext("/", this::pass);
    }

    void start() {
        server.start();
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI shop = URI.create("http://shop" + exchange.getRequestURI());
            HttpRequest.Builder request = HttpRequest.newBuilder(shop);
            String user = exchange.getRequestHeaders().getFirst("x-user");
            if (user != null) {
                request.header("x-user", user);
            }
            int status;
            String text;
            try {
                HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
                status = response.statusCode();
                text = response.body();
            } catch (IOException e) {
                status = 502;
                text = e + "\n";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
