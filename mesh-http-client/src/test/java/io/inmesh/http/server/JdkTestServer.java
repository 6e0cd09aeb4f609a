package io.inmesh.http.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.security.MeshPrincipal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real {@link MeshHttpsServer} on loopback with threads of its own. */
final class JdkTestServer implements AutoCloseable {
    final MeshHttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    JdkTestServer(ServedMesh mesh, Map<String, HttpHandler> contexts) throws IOException {
        server = MeshHttpsServer.create(
                mesh.inbound, mesh.tls, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        contexts.forEach(server::createContext);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Says what the application sees. */
    static HttpHandler echo(String name) {
        return exchange -> answer(
                exchange,
                200,
                String.join(
                        "|",
                        name,
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        exchange.getProtocol(),
                        exchange.getPrincipal() == null
                                ? "nobody"
                                : exchange.getPrincipal().getUsername(),
                        String.valueOf(exchange.getAttribute(MeshHttpsServer.PRINCIPAL) instanceof MeshPrincipal),
                        String.valueOf(
                                exchange.getAttribute(MeshHttpsServer.CONNECTION) instanceof DownstreamConnection)));
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
