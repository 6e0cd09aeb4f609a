package io.inmesh.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Tells HTTP in the clear by its first line or by the preface of HTTP/2 (RFC 9113 section 3.4). */
final class HttpStart {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final FirstBytes NOT_HTTP = new FirstBytes.Plaintext("");
    private static final int MAX_METHOD = 32;

    private HttpStart() {}

    /** What it is; null if it is not complete. */
    static @Nullable FirstBytes look(ByteBuffer bytes) {
        int same = 0;
        while (same < PREFACE.length && same < bytes.remaining() && bytes.get(same) == PREFACE[same]) {
            same++;
        }
        if (same == PREFACE.length) {
            return new FirstBytes.Plaintext("h2c");
        }
        return same == bytes.remaining() ? null : firstLine(bytes);
    }

    private static @Nullable FirstBytes firstLine(ByteBuffer bytes) {
        int method = 0;
        while (method < bytes.remaining() && isToken(bytes.get(method))) {
            method++;
        }
        if (method == 0 || method > MAX_METHOD || (method < bytes.remaining() && bytes.get(method) != ' ')) {
            return NOT_HTTP;
        }
        for (int i = method; i < bytes.remaining(); i++) {
            byte each = bytes.get(i);
            if (each == '\n') {
                return ofLine(bytes, i > 0 && bytes.get(i - 1) == '\r' ? i - 1 : i);
            }
            if (each >= 0 && each < ' ' && each != '\r') {
                return NOT_HTTP;
            }
        }
        return bytes.remaining() < FirstBytes.MAX_BYTES ? null : NOT_HTTP;
    }

    private static FirstBytes ofLine(ByteBuffer bytes, int end) {
        for (String version : new String[] {"1.1", "1.0"}) {
            byte[] last = (" HTTP/" + version).getBytes(StandardCharsets.US_ASCII);
            int start = end - last.length;
            if (start > 0 && bytes.slice(start, last.length).equals(ByteBuffer.wrap(last))) {
                return new FirstBytes.Plaintext("http/" + version);
            }
        }
        return NOT_HTTP;
    }

    /** RFC 9110 section 5.6.2. */
    private static boolean isToken(byte each) {
        return (each >= '0' && each <= '9')
                || (each >= 'A' && each <= 'Z')
                || (each >= 'a' && each <= 'z')
                || "!#$%&'*+-.^_`|~".indexOf(each) >= 0;
    }
}
