package io.inmesh.http.wire;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes the head of an HTTP/1.1 request that {@link RequestRules} has found without fault (RFC 9112). */
final class Http1Head {
    private static final int USUAL_SIZE = 512;
    private static final int COLON_SPACE = (':' << 8) | ' ';
    private static final int CRLF = ('\r' << 8) | '\n';
    private static final byte[] VERSION_AND_HOST = " HTTP/1.1\r\nhost: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NO_BODY = "content-length: 0\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "connection: close\r\n".getBytes(StandardCharsets.US_ASCII);

    private Http1Head() {}

    /** The bytes of a head. */
    static ByteBuf encode(ByteBufAllocator allocator, WireStream stream, boolean close) {
        RequestHead head = stream.head();
        ByteBuf bytes = allocator.directBuffer(USUAL_SIZE);
        text(bytes, head.method());
        bytes.writeByte(' ');
        text(bytes, head.path());
        bytes.writeBytes(VERSION_AND_HOST);
        text(bytes, head.authority());
        bytes.writeShort(CRLF);
        boolean hasLength = fields(bytes, head.headers());
        if (!hasLength && isChunked(stream)) {
            bytes.writeBytes(CHUNKED);
        } else if (!hasLength && mayHaveBody(head.method())) {
            bytes.writeBytes(NO_BODY);
        }
        if (close) {
            bytes.writeBytes(CLOSE);
        }
        bytes.writeShort(CRLF);
        return bytes;
    }

    /** Whether the body goes out in chunks. */
    static boolean isChunked(WireStream stream) {
        return !stream.headIsAll() && !stream.head().headers().contains("content-length");
    }

    private static boolean fields(ByteBuf bytes, Headers headers) {
        String nominated = headers.get("connection");
        boolean hasLength = false;
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (RequestRules.isHopByHop(name) || RequestRules.lists(nominated, name)) {
                continue;
            }
            if (name.equals("content-length")) {
                if (hasLength) {
                    continue;
                }
                hasLength = true;
            }
            text(bytes, name);
            bytes.writeShort(COLON_SPACE);
            text(bytes, headers.value(i));
            bytes.writeShort(CRLF);
        }
        return hasLength;
    }

    /** Methods whose requests may be expected to have a body: without one they say so (RFC 9110 section 8.6). The set is that of Envoy's HTTP/1 codec. */
    private static boolean mayHaveBody(String method) {
        return switch (method) {
            case "GET", "HEAD", "DELETE", "TRACE", "CONNECT" -> false;
            default -> true;
        };
    }

    private static void text(ByteBuf bytes, @Nullable CharSequence latin1) {
        bytes.writeCharSequence(latin1, StandardCharsets.ISO_8859_1);
    }
}
