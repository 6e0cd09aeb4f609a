package io.inmesh.http.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** HTTP/2 frames over a {@link Peer}, legal or not. */
public final class Http2Peer {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;
    private static final int ACK = 1;
    private static final int PREFACE_LENGTH = 24;
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Peer peer;

    private Http2Peer(Socket socket, byte[] preface) throws IOException {
        this.peer = new Peer(socket);
        peer.send(preface);
        frame(SETTINGS, 0, 0);
    }

    /** The client's side of a connection: the preface is sent, with SETTINGS that change nothing. */
    public static Http2Peer client(Socket socket) throws IOException {
        return new Http2Peer(socket, PREFACE.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Reads the client's preface and sends SETTINGS.
     *
     * @param settings identifiers and values in turn
     */
    Http2Peer(Peer peer, int... settings) throws IOException {
        this.peer = peer;
        String preface = new String(peer.read(PREFACE_LENGTH), StandardCharsets.US_ASCII);
        if (!preface.equals(PREFACE)) {
            throw new AssertionError("not an HTTP/2 client: " + preface);
        }
        ByteBuffer payload = ByteBuffer.allocate(3 * settings.length);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        frame(SETTINGS, 0, 0, payload.array());
    }

    /** A frame as it came. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Frame(int type, int flags, int streamId, byte[] payload) {
        /** The payload's first four bytes: an error code, a window's increment. */
        public int number() {
            return ByteBuffer.wrap(payload).getInt();
        }

        public boolean endsStream() {
            return (flags & END_STREAM) != 0;
        }
    }

    /** The next frame; the client's SETTINGS are acknowledged on the way. */
    public Frame next() throws IOException {
        ByteBuffer head = ByteBuffer.wrap(peer.read(9));
        int lengthAndType = head.getInt();
        Frame frame = new Frame(
                lengthAndType & 0xff, head.get(), head.getInt() & Integer.MAX_VALUE, peer.read(lengthAndType >>> 8));
        if (frame.type() == SETTINGS && (frame.flags() & ACK) == 0) {
            frame(SETTINGS, ACK, 0);
        }
        return frame;
    }

    /** The next frame of a type; others are passed over. */
    public Frame next(int type) throws IOException {
        Frame frame = next();
        while (frame.type() != type) {
            frame = next();
        }
        return frame;
    }

    /** Sends a frame. */
    public void frame(int type, int flags, int streamId, byte... payload) throws IOException {
        peer.send(ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(streamId)
                .put(payload)
                .array());
    }

    /** Sends a head with these fields, names and values in turn; not huffman-coded, not indexed. */
    public void headers(int streamId, boolean endStream, String... fields) throws IOException {
        frame(HEADERS, END_HEADERS | (endStream ? END_STREAM : 0), streamId, block(fields));
    }

    /** The fields as {@link #headers} sends them. */
    public static byte[] block(String... fields) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            block.write(0);
            string(block, fields[i]);
            string(block, fields[i + 1]);
        }
        return block.toByteArray();
    }

    /** Sends a piece of a body. */
    public void data(int streamId, boolean endStream, byte... bytes) throws IOException {
        frame(DATA, endStream ? END_STREAM : 0, streamId, bytes);
    }

    /** Resets a stream. */
    public void reset(int streamId, int errorCode) throws IOException {
        frame(RST_STREAM, 0, streamId, ByteBuffer.allocate(4).putInt(errorCode).array());
    }

    /** Says goodbye. */
    public void goAway(int lastStreamId, int errorCode) throws IOException {
        frame(
                GOAWAY,
                0,
                0,
                ByteBuffer.allocate(8).putInt(lastStreamId).putInt(errorCode).array());
    }

    private static void string(ByteArrayOutputStream block, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        // Length with a prefix of seven bits (RFC 7541 section 5.1).
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                block.write(rest % 128 + 128);
                rest /= 128;
            }
            block.write(rest);
        }
        block.write(bytes);
    }
}
