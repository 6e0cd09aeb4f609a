package io.inmesh.http.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection of a {@link HostileServer}, by the byte. */
public final class Peer {
    private final Socket socket;
    private final InputStream in;

    Peer(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** The head of an HTTP/1.1 request, with its empty line. */
    public String readHead() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("end of the connection within a head: " + head.toString(StandardCharsets.UTF_8));
            }
            head.write(next);
            matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /** Exactly so many bytes. */
    public byte[] read(int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new EOFException("end of the connection after " + read.length + " of " + bytes + " bytes");
        }
        return read;
    }

    /** Everything until the client closes. */
    public byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    /** Returns when the client has closed. */
    public void awaitEnd() throws IOException {
        in.transferTo(java.io.OutputStream.nullOutputStream());
    }

    /** Sends text as Latin-1. */
    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes. */
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Ends the connection with a TCP reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** This connection as HTTP/2: the client's preface is read, SETTINGS are sent. */
    public Http2Peer http2(int... settings) throws IOException {
        return new Http2Peer(this, settings);
    }
}
