package io.inmesh.xds.envoy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Real servers, each of which says in its answer's head which one it is. */
final class HostNames implements AutoCloseable {
    static final String HEADER = "x-host-number";

    private final List<HttpServer> servers = new ArrayList<>();

    HostNames(int number) throws IOException {
        for (int i = 0; i < number; i++) {
            String name = Integer.toString(i);
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.getResponseHeaders().set(HEADER, name);
                // No body: one packet, for which nobody's delayed acknowledgement has to be waited.
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            servers.add(server);
        }
    }

    int size() {
        return servers.size();
    }

    int port(int number) {
        return servers.get(number).getAddress().getPort();
    }

    int number(int port) {
        for (int i = 0; i < servers.size(); i++) {
            if (port(i) == port) {
                return i;
            }
        }
        throw new IllegalArgumentException("no server has port " + port);
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
    }
}
