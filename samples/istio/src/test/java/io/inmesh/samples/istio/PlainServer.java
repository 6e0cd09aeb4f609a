package io.inmesh.samples.istio;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A server that knows nothing of any mesh; it answers {@code NAME METHOD PATH HOST}. */
final class PlainServer implements AutoCloseable {
    private final HttpServer server;

    private PlainServer(HttpServer server, String name) {
        this.server = server;
        server.createContext("/", exchange -> {
            String text = name + " " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("host");
            byte[] octets = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("x-pod", name);
            exchange.sendResponseHeaders(200, octets.length);
            exchange.getResponseBody().write(octets);
            exchange.close();
        });
        server.start();
    }

    static PlainServer start(String name, String address, int port) throws IOException {
        return new PlainServer(HttpServer.create(new InetSocketAddress(address, port), 0), name);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
