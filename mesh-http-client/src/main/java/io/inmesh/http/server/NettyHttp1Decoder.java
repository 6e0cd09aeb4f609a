package io.inmesh.http.server;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.Queue;

/** Netty's decoder with this side's strictness. */
final class NettyHttp1Decoder extends HttpRequestDecoder {
    /** Envoy's default of {@code max_request_headers_kb}, for the request line too. */
    static final int LARGEST_HEAD = 60 * 1024;

    private static final int LARGEST_PIECE = 64 * 1024;

    private final Queue<HttpMethod> methods;

    /** Adds the method of each request to a queue. */
    NettyHttp1Decoder(Queue<HttpMethod> methods) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(LARGEST_HEAD)
                .setMaxHeaderSize(LARGEST_HEAD)
                .setMaxChunkSize(LARGEST_PIECE)
                .setStrictLineParsing(true)
                .setAllowDuplicateContentLengths(false)
                .setValidateHeaders(true));
        this.methods = methods;
    }

    @Override
    protected HttpMessage createMessage(String[] line) throws Exception {
        HttpMessage message = super.createMessage(line);
        methods.add(((HttpRequest) message).method());
        return message;
    }

    @Override
    protected HttpMessage createInvalidMessage() {
        methods.add(HttpMethod.GET);
        return super.createInvalidMessage();
    }

    /** Netty would drop one of the two. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new BothLengths();
    }

    /** Two lengths for one body (RFC 9112 section 6.3). */
    static final class BothLengths extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        BothLengths() {
            super("both content-length and transfer-encoding");
        }
    }
}
