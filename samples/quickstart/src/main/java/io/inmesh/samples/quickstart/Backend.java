package io.inmesh.samples.quickstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.inmesh.samples.stage.DaemonThreads;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One instance of the shop: a plain HTTP server that says its version and its name. */
final class Backend implements AutoCloseable {
    static {
        // Head and body leave the JDK's server in two pieces; without this the second waits for an acknowledgement, 40
        // ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService workers = Executors.newFixedThreadPool(4, DaemonThreads.named("backend"));
    private final String version;
    private final String name;

    Backend(String version, InetSocketAddress address) throws IOException {
        this.version = version;
        this.name = version + " at " + address.getHostString() + ":" + address.getPort();
        try {
            server = HttpServer.create(address, 0);
        } catch (BindException e) {
            throw new IOException(
                    "the address of the backend " + name + " is taken; change it in endpoints.yaml and start again", e);
        }
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] text =
                    ("shop " + name + " answers " + exchange.getRequestURI() + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("content-type", "text/plain; charset=utf-8");
            exchange.getResponseHeaders().set("x-version", version);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    String version() {
        return version;
    }

    /** Ends it at once: requests on their way to it see their connection close. */
    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }

    @Override
    public String toString() {
        return name;
    }
}
