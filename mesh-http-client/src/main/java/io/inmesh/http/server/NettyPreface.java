package io.inmesh.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2CodecUtil;

/** The first bytes that a client of HTTP/2 sends (RFC 9113 section 3.4). */
final class NettyPreface {
    private static final ByteBuf BYTES = Http2CodecUtil.connectionPrefaceBuf();

    private NettyPreface() {}

    /** How many of the first bytes are those of the preface. */
    static int shared(ByteBuf bytes) {
        int most = Math.min(bytes.readableBytes(), BYTES.readableBytes());
        int same = 0;
        while (same < most && bytes.getByte(bytes.readerIndex() + same) == BYTES.getByte(same)) {
            same++;
        }
        return same;
    }

    /** Whether it is all there. */
    static boolean isIn(ByteBuf bytes) {
        return shared(bytes) == BYTES.readableBytes();
    }

    /** Whether it is not, and will not be. */
    static boolean isNotIn(ByteBuf bytes) {
        return shared(bytes) < Math.min(bytes.readableBytes(), BYTES.readableBytes());
    }
}
