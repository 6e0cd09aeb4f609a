package io.inmesh.http.wire;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1: one stream at a time, no pipelining. It reads only when a head is to come, when the reader of a body asks for more, and when it is idle, to
 * see the host close.
 */
// The outcome of a close or a write is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Connection extends Connection {
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CRLF = ('\r' << 8) | '\n';
    private static final int CHUNK_HEAD = 18;

    private final Http1Decoder decoder;
    private final FieldNames fieldNames = new FieldNames();
    private final int maxHeaderCount;
    private @Nullable WireStream stream;
    private boolean chunked;
    private boolean anythingReceived;

    /** Between an informational head and its (empty) end. */
    private boolean informational;

    private boolean headReceived;
    private boolean closeAfter;
    private boolean readPending;
    private @Nullable Throwable cause;

    Http1Connection(ConnectionPool pool, Channel channel, @Nullable SSLSession tls) {
        super(pool, channel, "HTTP/1.1", tls);
        maxHeaderCount = pool.destination().maxHeaderCount();
        decoder = new Http1Decoder(this, pool.destination().maxHeaderBytes());
        channel.pipeline().addLast(decoder, new Receiver());
        read();
    }

    @Override
    int streamLimit() {
        return 1;
    }

    @Override
    void start(WireStream newStream) {
        stream = newStream;
        anythingReceived = false;
        headReceived = false;
        chunked = Http1Head.isChunked(newStream);
        boolean close = RequestRules.lists(newStream.head().headers().get("connection"), "close");
        closeAfter = close;
        channel.write(Http1Head.encode(channel.alloc(), newStream, close), channel.voidPromise());
        if (newStream.headIsAll()) {
            channel.flush();
        } else {
            flushSoon();
        }
        read();
    }

    @Override
    void write(WireStream from, ByteBuffer data, boolean endStream) {
        int bytes = data.remaining();
        if (bytes > 0) {
            if (chunked) {
                ByteBuf head = channel.alloc().directBuffer(CHUNK_HEAD);
                head.writeCharSequence(Integer.toHexString(bytes), StandardCharsets.US_ASCII);
                head.writeShort(CRLF);
                channel.write(head, channel.voidPromise());
            }
            channel.write(Unpooled.wrappedBuffer(data), channel.voidPromise());
            if (chunked) {
                channel.write(channel.alloc().directBuffer(2).writeShort(CRLF), channel.voidPromise());
            }
        }
        if (endStream && chunked) {
            channel.write(Unpooled.wrappedBuffer(LAST_CHUNK), channel.voidPromise());
        }
        flushSoon();
    }

    @Override
    boolean isWritable(WireStream from) {
        return channel.isWritable();
    }

    @Override
    void wantMore(WireStream from) {
        read();
    }

    @Override
    void consumed(WireStream from, int bytes) {
        if (from.wantsMore()) {
            read();
        }
    }

    @Override
    void abort(WireStream from) {
        if (stream == from) {
            stream = null;
            close();
            pool().streamEnded(this);
        }
    }

    boolean answersHead() {
        return stream != null && stream.head().method().equals("HEAD");
    }

    boolean expectsBytes() {
        if (stream != null) {
            anythingReceived = true;
        }
        return stream != null;
    }

    /** A host that speaks unasked cannot be trusted with the next request. */
    void unexpectedBytes() {
        pool().drain(this);
        close();
    }

    private void read() {
        if (!readPending) {
            readPending = true;
            channel.read();
        }
    }

    private void received(HttpResponse response) {
        WireStream current = stream;
        if (current == null || headReceived || informational) {
            protocolError("a response that nobody asked for", null);
            return;
        }
        int status = response.status().code();
        if (status < 200) {
            if (status == 101) {
                protocolError("switching protocols was not asked for", null);
                return;
            }
            informational = true;
            current.informational(status);
            return;
        }
        Headers headers = headers(response.headers());
        if (headers.size() > maxHeaderCount) {
            protocolError("the response has more than " + maxHeaderCount + " header fields", null);
            return;
        }
        if (!isTransferEncodingKnown(headers)) {
            protocolError("the response has a transfer-encoding other than chunked", null);
            return;
        }
        headReceived = true;
        closeAfter |= !HttpUtil.isKeepAlive(response);
        current.head(new ResponseHead(status, headers), hasNoBody(current, status, headers));
    }

    /** Only what is certain from the head; the end comes from the decoder in any case. */
    private static boolean hasNoBody(WireStream stream, int status, Headers headers) {
        return status == 204
                || status == 304
                || stream.head().method().equals("HEAD")
                || "0".equals(headers.get("content-length"));
    }

    private static boolean isTransferEncodingKnown(Headers headers) {
        int index = headers.indexOf("transfer-encoding", 0);
        return index < 0
                || (headers.value(index).strip().equalsIgnoreCase("chunked")
                        && headers.indexOf("transfer-encoding", index + 1) < 0);
    }

    private void received(HttpContent content) {
        WireStream current = stream;
        if (current == null) {
            return;
        }
        ByteBuf bytes = content.content();
        if (bytes.isReadable()) {
            byte[] copy = new byte[bytes.readableBytes()];
            bytes.readBytes(copy);
            current.data(ByteBuffer.wrap(copy).asReadOnlyBuffer());
        }
        if (content instanceof LastHttpContent last && stream == current) {
            if (informational) {
                informational = false;
            } else {
                ended(current, last.trailingHeaders());
            }
        }
    }

    private void ended(WireStream current, HttpHeaders trailers) {
        stream = null;
        // What is behind the response belongs to no request; and half a request cannot be taken back.
        if (closeAfter || decoder.hasBytesLeft() || !current.requestEnded()) {
            pool().drain(this);
            close();
        }
        // The place first, so that a request which this response causes finds the connection.
        pool().streamEnded(this);
        current.complete(trailers.isEmpty() ? null : headers(trailers));
    }

    private Headers headers(HttpHeaders received) {
        Headers headers = new Headers();
        Iterator<Map.Entry<CharSequence, CharSequence>> fields = received.iteratorCharSequence();
        while (fields.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            headers.add(fieldNames.lowerCase(field.getKey()), field.getValue().toString());
        }
        return headers;
    }

    private void protocolError(String detail, @Nullable Throwable why) {
        lose(new Reset(ResetReason.PROTOCOL_ERROR, detail + " (" + remoteAddress() + ")", why));
    }

    private void lose(Reset reset) {
        WireStream current = stream;
        stream = null;
        pool().drain(this);
        close();
        if (current != null) {
            pool().streamEnded(this);
            current.lost(reset, anythingReceived);
        }
    }

    private void undecodable(DecoderResult result) {
        Throwable why = result.cause();
        if (why instanceof PrematureChannelClosureException) {
            terminated();
        } else {
            protocolError("what came is not HTTP/1.1: " + why.getMessage(), why);
        }
    }

    private void terminated() {
        lose(new Reset(
                ResetReason.CONNECTION_TERMINATION,
                "the connection to " + remoteAddress() + " ended" + (cause == null ? "" : ": " + cause.getMessage()),
                cause));
    }

    /** The end of the pipeline: takes what was decoded. */
    private final class Receiver extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                if (message instanceof HttpResponse response
                        && !response.decoderResult().isSuccess()) {
                    undecodable(response.decoderResult());
                } else if (message instanceof HttpContent content
                        && !content.decoderResult().isSuccess()) {
                    undecodable(content.decoderResult());
                } else {
                    if (message instanceof HttpResponse response) {
                        received(response);
                    }
                    if (message instanceof HttpContent content) {
                        received(content);
                    }
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            readPending = false;
            WireStream current = stream;
            if (current == null || current.wantsMore()) {
                read();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            WireStream current = stream;
            if (current != null && channel.isWritable()) {
                current.writableAgain();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            terminated();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            cause = failure;
            terminated();
        }
    }
}
