package io.inmesh.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Netty's decoder with this side's strictness. */
final class NettyHttp1Decoder extends HttpRequestDecoder {
    /** Envoy's default of {@code max_request_headers_kb}, for the request line too. */
    static final int LARGEST_HEAD = 60 * 1024;

    private static final int LARGEST_PIECE = 64 * 1024;

    /** An event for the handlers behind: a head has begun, and is not whole yet after its time. It comes again for as long as this stays so. */
    static final Object LATE_HEAD = new Object();

    private final Queue<HttpMethod> methods;
    private final Supplier<@Nullable Duration> headTimeout;
    private boolean headAwaited = true;
    private @Nullable Future<?> limit;

    /**
     * Adds the method of each request to a queue.
     *
     * @param headTimeout {@code request_headers_timeout}, from the first byte on
     */
    NettyHttp1Decoder(Queue<HttpMethod> methods, Supplier<@Nullable Duration> headTimeout) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(LARGEST_HEAD)
                .setMaxHeaderSize(LARGEST_HEAD)
                .setMaxChunkSize(LARGEST_PIECE)
                .setStrictLineParsing(true)
                .setAllowDuplicateContentLengths(false)
                .setValidateHeaders(true));
        this.methods = methods;
        this.headTimeout = headTimeout;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) throws Exception {
        int before = out.size();
        super.decode(ctx, bytes, out);
        if (out.size() == before) {
            limit(ctx);
        }
        for (int i = before; i < out.size(); i++) {
            headAwaited = out.get(i) instanceof LastHttpContent;
            end();
        }
    }

    private void limit(ChannelHandlerContext ctx) {
        Duration time = headAwaited && limit == null ? headTimeout.get() : null;
        if (time != null) {
            limit = ctx.executor().schedule(() -> late(ctx), time.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void late(ChannelHandlerContext ctx) {
        limit = null;
        if (!ctx.isRemoved() && ctx.channel().isActive()) {
            ctx.fireUserEventTriggered(LATE_HEAD);
            limit(ctx);
        }
    }

    private void end() {
        if (limit != null) {
            limit.cancel(false);
            limit = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        end();
        super.channelInactive(ctx);
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
