package io.inmesh.http.wire;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.outbound.UpstreamTransport.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2: as many streams at once as configuration and the host's SETTINGS allow. A stream gives its place back when HTTP/2 has closed it both ways,
 * which may be after its response was whole.
 */
// The outcome of a close or a write is seen where the channel ends, not in its future.
@SuppressWarnings("FutureReturnValueIgnored")
final class MultiplexedConnection extends Connection {
    private static final int PSEUDO_HEADER = ':';

    /** Holds the place of a stream that has ended on this side and not yet in HTTP/2. */
    private static final Object GONE = new Object();

    private final FieldNames fieldNames = new FieldNames();
    private final FrameHandler handler;
    private final Http2Connection http2;
    private final Http2Connection.PropertyKey streamKey;
    private final ChannelHandlerContext context;
    private final int configuredLimit;
    private final int maxHeaderCount;
    private @Nullable Throwable cause;

    MultiplexedConnection(ConnectionPool pool, Channel channel, @Nullable SSLSession tls) {
        super(pool, channel, "HTTP/2", tls);
        Destination destination = pool.destination();
        configuredLimit = destination.http().maxConcurrentStreams();
        maxHeaderCount = destination.maxHeaderCount();
        handler = FrameHandler.create(this, destination.maxHeaderBytes());
        http2 = handler.connection();
        streamKey = http2.newKey();
        channel.pipeline().addLast(handler);
        context = Objects.requireNonNull(channel.pipeline().context(handler));
        // Flow control is HTTP/2's own.
        channel.config().setAutoRead(true);
    }

    @Override
    int streamLimit() {
        return Math.min(configuredLimit, http2.local().maxActiveStreams());
    }

    @Override
    void start(WireStream stream) {
        int id = http2.local().incrementAndGetNextStreamId();
        if (id < 0) {
            // RFC 9113 section 5.1.1: stream identifiers are not used again. Nothing was sent.
            remaining = 0;
            pool().streamEnded(this);
            stream.lost(
                    new Reset(ResetReason.REMOTE_REFUSED_STREAM, "the connection has no stream identifiers left", null),
                    false);
            return;
        }
        ChannelFuture written = handler.encoder()
                .writeHeaders(context, id, Http2Head.of(stream.head()), 0, stream.headIsAll(), context.newPromise());
        Http2Stream opened = http2.stream(id);
        if (opened == null) {
            Throwable why = written.cause();
            pool().streamEnded(this);
            stream.lost(
                    new Reset(ResetReason.CONNECTION_TERMINATION, "the stream could not be opened: " + why, why),
                    false);
            return;
        }
        opened.setProperty(streamKey, stream);
        stream.http2Stream = opened;
        flushSoon();
    }

    @Override
    void write(WireStream stream, ByteBuffer data, boolean endStream) {
        Http2Stream open = stream.http2Stream;
        if (open != null) {
            handler.encoder()
                    .writeData(context, open.id(), Unpooled.wrappedBuffer(data), 0, endStream, context.newPromise());
            flushSoon();
        }
    }

    @Override
    boolean isWritable(WireStream stream) {
        Http2Stream open = stream.http2Stream;
        return open != null
                && open.state().localSideOpen()
                && handler.encoder().flowController().isWritable(open);
    }

    /** The window is opened as the body is handed on. */
    @Override
    void wantMore(WireStream stream) {}

    @Override
    void consumed(WireStream stream, int bytes) {
        Http2Stream open = stream.http2Stream;
        if (open != null && open.state() != Http2Stream.State.CLOSED) {
            try {
                if (http2.local().flowController().consumeBytes(open, bytes)) {
                    flushSoon();
                }
            } catch (Http2Exception e) {
                handler.onError(context, true, e);
            }
        }
    }

    @Override
    void abort(WireStream stream) {
        Http2Stream open = stream.http2Stream;
        if (open != null) {
            stream.http2Stream = null;
            open.setProperty(streamKey, GONE);
            reset(open, Http2Error.CANCEL);
        }
    }

    private void reset(Http2Stream open, Http2Error code) {
        handler.resetStream(context, open.id(), code.code(), context.newPromise());
        flushSoon();
    }

    // ---- from the frame handler

    void headers(Http2Stream open, Http2Headers received, boolean endStream) {
        WireStream stream = streamOf(open);
        if (stream == null) {
            return;
        }
        if (stream.headReceived()) {
            complete(open, stream, fields(received));
            return;
        }
        int status = status(received);
        if (status == 101 || status < 100 || (status < 200 && endStream)) {
            protocolError(open, stream, "the response has no usable :status");
        } else if (status < 200) {
            stream.informational(status);
        } else if (received.size() - 1 > maxHeaderCount) {
            protocolError(open, stream, "the response has more than " + maxHeaderCount + " header fields");
        } else {
            stream.head(new ResponseHead(status, fields(received)), endStream);
            if (endStream && stream.http2Stream == open) {
                complete(open, stream, null);
            }
        }
    }

    /** Returns how many bytes nobody waits for. */
    int data(Http2Stream open, ByteBuf data, int padding, boolean endStream) {
        WireStream stream = streamOf(open);
        int bytes = data.readableBytes();
        if (stream == null) {
            return bytes + padding;
        }
        if (!stream.headReceived()) {
            protocolError(open, stream, "the response has a body and no head");
            return bytes + padding;
        }
        if (bytes > 0) {
            byte[] copy = new byte[bytes];
            data.readBytes(copy);
            stream.data(ByteBuffer.wrap(copy).asReadOnlyBuffer());
        }
        if (endStream && stream.http2Stream == open) {
            complete(open, stream, null);
        }
        return padding;
    }

    void resetByHost(Http2Stream open, long code) {
        WireStream stream = streamOf(open);
        if (stream != null) {
            boolean refused = code == Http2Error.REFUSED_STREAM.code();
            lose(
                    open,
                    stream,
                    new Reset(
                            refused ? ResetReason.REMOTE_REFUSED_STREAM : ResetReason.REMOTE_RESET,
                            "RST_STREAM " + Http2Error.valueOf(code) + " by " + remoteAddress(),
                            null));
        }
    }

    /** What came for this stream breaks HTTP/2; its reset was sent. */
    void broken(Http2Stream open, Throwable why) {
        WireStream stream = streamOf(open);
        if (stream != null) {
            lose(open, stream, protocolError(String.valueOf(why.getMessage()), why));
        }
    }

    /** The host takes no new streams, and has not looked at those above {@code lastStreamId}. */
    void goAway(int lastStreamId, long code) {
        pool().drain(this);
        Reset untouched = new Reset(
                ResetReason.REMOTE_REFUSED_STREAM,
                "GOAWAY " + Http2Error.valueOf(code) + " by " + remoteAddress() + " before this stream",
                null);
        loseAll(untouched, id -> id > lastStreamId);
    }

    /** The host changed how many streams it takes, perhaps. */
    void settingsReceived() {
        pool().offer(this);
    }

    /** HTTP/2 has closed the stream both ways. */
    void closed(Http2Stream open) {
        Object holder = open.removeProperty(streamKey);
        if (holder == null) {
            return;
        }
        pool().streamEnded(this);
        if (holder instanceof WireStream stream && stream.http2Stream == open) {
            stream.lost(termination(), stream.headReceived());
        }
    }

    void connectionError(Throwable why) {
        pool().drain(this);
        loseAll(protocolError("what came is not HTTP/2: " + why.getMessage(), why), id -> true);
    }

    void transportError(Throwable why) {
        cause = why;
    }

    void terminated() {
        pool().drain(this);
        loseAll(termination(), id -> true);
    }

    void writabilityChanged(Http2Stream open) {
        WireStream stream = streamOf(open);
        if (stream != null && isWritable(stream)) {
            stream.writableAgain();
        }
    }

    // ----

    private @Nullable WireStream streamOf(Http2Stream open) {
        Object holder = open.getProperty(streamKey);
        return holder instanceof WireStream stream && stream.http2Stream == open ? stream : null;
    }

    private void complete(Http2Stream open, WireStream stream, @Nullable Headers trailers) {
        stream.http2Stream = null;
        open.setProperty(streamKey, GONE);
        if (!stream.requestEnded()) {
            // The rest of the request's body is of no use to anyone (RFC 9113 section 8.1).
            reset(open, Http2Error.CANCEL);
        }
        stream.complete(trailers);
    }

    private void protocolError(Http2Stream open, WireStream stream, String detail) {
        reset(open, Http2Error.PROTOCOL_ERROR);
        lose(open, stream, protocolError(detail, null));
    }

    private Reset protocolError(String detail, @Nullable Throwable why) {
        return new Reset(ResetReason.PROTOCOL_ERROR, detail + " (" + remoteAddress() + ")", why);
    }

    private Reset termination() {
        return new Reset(
                ResetReason.CONNECTION_TERMINATION,
                "the connection to " + remoteAddress() + " ended" + (cause == null ? "" : ": " + cause.getMessage()),
                cause);
    }

    private void lose(Http2Stream open, WireStream stream, Reset reset) {
        stream.http2Stream = null;
        open.setProperty(streamKey, GONE);
        stream.lost(reset, stream.headReceived());
    }

    private void loseAll(Reset reset, IntPredicate ids) {
        List<Http2Stream> lost = new ArrayList<>(http2.numActiveStreams());
        try {
            http2.forEachActiveStream(open -> {
                if (ids.test(open.id())) {
                    lost.add(open);
                }
                return true;
            });
        } catch (Http2Exception impossible) {
            throw new IllegalStateException(impossible);
        }
        for (Http2Stream open : lost) {
            WireStream stream = streamOf(open);
            if (stream != null) {
                lose(open, stream, reset);
            }
        }
    }

    private static int status(Http2Headers received) {
        CharSequence status = received.status();
        if (status == null || status.length() != 3) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < 3; i++) {
            int digit = status.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private Headers fields(Http2Headers received) {
        Headers headers = new Headers();
        for (Map.Entry<CharSequence, CharSequence> field : received) {
            CharSequence name = field.getKey();
            if (name.charAt(0) != PSEUDO_HEADER) {
                headers.add(fieldNames.lowerCase(name), field.getValue().toString());
            }
        }
        return headers;
    }
}
