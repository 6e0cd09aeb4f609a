package io.inmesh.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.util.AsciiString;

/**
 * Netty's decoder with this side's strictness. It knows which request is being answered, because there is one at a time.
 */
final class Http1Decoder extends HttpResponseDecoder {
    private static final int LARGEST_PIECE = 64 * 1024;

    private final Http1Connection connection;

    Http1Decoder(Http1Connection connection, int maxHeaderBytes) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(maxHeaderBytes)
                .setMaxHeaderSize(maxHeaderBytes)
                .setMaxChunkSize(LARGEST_PIECE)
                .setValidateHeaders(true));
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (message instanceof ByteBuf bytes && !connection.expectsBytes()) {
            bytes.release();
            connection.unexpectedBytes();
            return;
        }
        super.channelRead(ctx, message);
    }

    /** Whether bytes came in behind the message that was decoded last. */
    boolean hasBytesLeft() {
        return actualReadableBytes() > 0;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        if (message instanceof HttpResponse response && response.status().code() >= 200 && connection.answersHead()) {
            return true;
        }
        return super.isContentAlwaysEmpty(message);
    }

    /** Netty lets a space end the name of a response's field; RFC 9112 section 5.1 does not, and neither does Envoy. */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (length == 0 || start + length >= line.length || line[start + length] != ':') {
            throw new IllegalArgumentException("a header field without a name or a colon");
        }
        return super.splitHeaderName(line, start, length);
    }

    /** Two lengths for one body are how responses are smuggled (RFC 9112 section 6.3): Netty would drop one, Envoy refuses. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both content-length and transfer-encoding");
    }
}
