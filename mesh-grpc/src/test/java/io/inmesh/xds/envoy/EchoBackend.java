package io.inmesh.xds.envoy;

import io.inmesh.xds.envoy.WireHead.Field;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An upstream for each cluster. It answers with the head that it got as the body, behind the cluster's name, and with one of several sets of response
 * headers.
 */
final class EchoBackend implements AutoCloseable {
    /** The header that chooses the set of response headers. */
    static final String REPLY = "x-reply";

    /** What a reply has beside its length; rules for responses find something to do here. */
    static final List<List<Field>> REPLIES = List.of(
            List.of(new Field("content-type", "text/plain"), new Field("server", "backend")),
            List.of(new Field("x-a", "up"), new Field("x-b", "1"), new Field("x-a", "up2"), new Field("server", "b")),
            List.of(new Field("x-c", ""), new Field("vary", "x"), new Field("x-b", "2"), new Field("server", "b")));

    private final List<ServerSocket> servers = new ArrayList<>();

    EchoBackend(List<String> clusters) {
        try {
            for (String cluster : clusters) {
                ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                servers.add(server);
                start("accept " + cluster, () -> accept(server, cluster));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port(int cluster) {
        return servers.get(cluster).getLocalPort();
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void accept(ServerSocket server, String cluster) {
        try {
            while (true) {
                Socket socket = server.accept();
                start("serve " + cluster, () -> serve(socket, cluster));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private static void serve(Socket socket, String cluster) {
        try (socket) {
            socket.setTcpNoDelay(true);
            java.io.InputStream in = new java.io.BufferedInputStream(socket.getInputStream());
            for (WireHead head = WireHead.read(in); head != null; head = WireHead.read(in)) {
                String body = cluster + "\r\n" + head.bytes();
                List<Field> fields = new ArrayList<>(reply(head.first(REPLY)));
                fields.add(new Field(
                        "content-length", Integer.toString(body.getBytes(StandardCharsets.ISO_8859_1).length)));
                new WireHead("HTTP/1.1 200 OK", fields).writeTo(socket.getOutputStream(), body);
            }
        } catch (IOException ended) {
            // Envoy closes connections as it likes.
        }
    }

    /** The reply that a request asks for by number; the first if it does not. */
    static List<Field> reply(@org.jspecify.annotations.Nullable String number) {
        if (number == null || !number.matches("[0-2]")) {
            return REPLIES.get(0);
        }
        return REPLIES.get(number.charAt(0) - '0');
    }

    @Override
    public void close() {
        servers.forEach(server -> {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
