package io.inmesh.http.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A socket to 127.0.0.1 that sends any bytes and reads responses in HTTP/1.1. */
public final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    /** Connects, in the clear. */
    public RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Takes a connected socket over. */
    public RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(60_000);
        in = socket.getInputStream();
    }

    /** Sends text as Latin-1. */
    public RawClient send(String latin1) throws IOException {
        socket.getOutputStream().write(latin1.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** Ends this side's direction of the connection. */
    public RawClient finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Has the connection end by a reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** The next response, without looking at whether its request could have a body. */
    public Response response() throws IOException {
        return response(true);
    }

    /** The next response; {@code body}: whether one follows its head. */
    public Response response(boolean body) throws IOException {
        String line = line();
        List<String> fields = new ArrayList<>();
        int length = 0;
        boolean chunked = false;
        for (String field = line(); !field.isEmpty(); field = line()) {
            fields.add(field);
            String lower = field.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            chunked |= lower.equals("transfer-encoding: chunked");
        }
        int status = Integer.parseInt(line.split(" ")[1]);
        if (!body || status < 200) {
            return new Response(status, fields, "");
        }
        return new Response(status, fields, chunked ? chunks() : text(length));
    }

    /** Whether the server ends the connection, with nothing more before. */
    public boolean isClosed() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private String chunks() throws IOException {
        StringBuilder all = new StringBuilder();
        for (int length = Integer.parseInt(line(), 16); length > 0; length = Integer.parseInt(line(), 16)) {
            all.append(text(length));
            line();
        }
        line();
        return all.toString();
    }

    private String text(int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException(
                        "the connection ended after '" + line.toString(StandardCharsets.ISO_8859_1) + "'");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** A response as it came. */
    public record Response(int status, List<String> fields, String body) {
        /** Whether the server says that it is the last one. */
        public boolean closes() {
            return fields.stream().anyMatch(field -> field.equalsIgnoreCase("connection: close"));
        }
    }
}
