package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.inbound.InboundConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamEvent;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts the mesh between an HTTP/2 frame codec and the handler that gives each stream a channel of its own: the application's streams get frames only of requests that were
 * accepted, with whatever handlers they have. What comes while a request is decided is held back; the stream's window bounds it, because nobody has consumed it.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // where a write fails the stream or the channel ends, and that is seen there
final class NettyHttp2Policy extends ChannelDuplexHandler implements NettyPolicy {
    /** Envoy's default of {@code drain_timeout}: how long streams are still taken that a client opened before it knew. */
    private static final long DRAIN_MILLIS = InboundConnection.DRAIN_TIMEOUT.toMillis();

    /** As much as the window of an Envoy's stream lets a client send of a request that was refused meanwhile. */
    private static final int MOST_DROPPED = 16 << 20;

    private final InboundConnection connection;
    private final NettyLoop loop;
    private final ChannelHandlerContext codec;

    /** Read from other threads by {@link #exchange}. */
    private final Map<Http2FrameStream, Exchange> exchanges = new ConcurrentHashMap<>();

    /** The last stream is named: the connection is closed when those that there are have ended. */
    private boolean ending;

    /** To be added behind a codec. */
    NettyHttp2Policy(InboundConnection connection, ChannelHandlerContext codec) {
        this.connection = connection;
        this.codec = codec;
        this.loop = new NettyLoop(codec.channel().eventLoop());
    }

    @Override
    public @Nullable NettyExchange exchange(Channel channel) {
        Http2FrameStream stream = channel instanceof Http2StreamChannel ofStream ? ofStream.stream() : null;
        return stream == null ? null : exchanges.get(stream);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof Http2StreamFrame frame) || frame.stream() == null) {
            ctx.fireChannelRead(message);
            return;
        }
        Exchange exchange = exchanges.get(frame.stream());
        if (exchange != null) {
            exchange.receive(frame);
        } else if (frame instanceof Http2HeadersFrame head) {
            begin(ctx, head);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        Http2FrameStream stream = frame.stream();
        RequestHead head = NettyHttp2Heads.request(frame.headers());
        if (head == null) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR).stream(stream));
            return;
        }
        Exchange exchange = new Exchange(ctx, frame);
        exchanges.put(stream, exchange);
        if (NettyHttp2Heads.expectsContinue(frame.headers())) {
            // Envoy says so itself, before any filter sees the request, unless told otherwise (proxy_100_continue).
            Http2Headers proceed = new DefaultHttp2Headers(false).status("100");
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(proceed, false).stream(stream));
        }
        exchange.start(connection, loop, head, frame.isEndStream(), "HTTP/2");
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        Exchange exchange = message instanceof Http2StreamFrame frame && frame.stream() != null
                ? exchanges.get(frame.stream())
                : null;
        if (message instanceof Http2WindowUpdateFrame || message instanceof Http2ResetFrame) {
            ctx.write(message, promise);
        } else if (exchange != null) {
            exchange.write(message, promise);
        } else if (message instanceof Http2HeadersFrame || message instanceof Http2DataFrame) {
            NettyExchange.refuse(message, promise);
        } else {
            ctx.write(message, promise);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.fireUserEventTriggered(event);
        if (event instanceof Http2FrameStreamEvent ofStream && ofStream.stream().state() == Http2Stream.State.CLOSED) {
            Exchange exchange = exchanges.remove(ofStream.stream());
            if (exchange != null) {
                exchange.over();
            }
            closeIfDone(ctx);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        for (Exchange exchange : List.copyOf(exchanges.values())) {
            exchange.over();
        }
        exchanges.clear();
        ctx.fireChannelInactive();
    }

    @Override
    public void drain() {
        ChannelHandlerContext ctx = codec.pipeline().context(this);
        if (ctx == null) {
            return;
        }
        Http2GoAwayFrame notice = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
        notice.setExtraStreamIds(Integer.MAX_VALUE);
        ctx.writeAndFlush(notice);
        ctx.channel().eventLoop().schedule(() -> end(ctx), DRAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Says which stream was the last (RFC 9113, section 6.8). A codec whose notice is out says nothing more by itself, and many do not wait for streams. */
    private void end(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        ending = true;
        closeIfDone(ctx);
    }

    private void closeIfDone(ChannelHandlerContext ctx) {
        if (ending && exchanges.isEmpty()) {
            ctx.channel().close();
        }
    }

    private static final class Exchange extends NettyExchange {
        private final ChannelHandlerContext ctx;
        private final Http2HeadersFrame first;
        private final Http2FrameStream stream;
        private @Nullable ArrayDeque<Http2StreamFrame> received;
        private boolean complete;
        private boolean reset;
        private int dropped;

        Exchange(ChannelHandlerContext ctx, Http2HeadersFrame first) {
            this.ctx = ctx;
            this.first = first;
            this.stream = first.stream();
            this.complete = first.isEndStream();
        }

        void receive(Http2StreamFrame frame) {
            complete |= (frame instanceof Http2DataFrame data && data.isEndStream())
                    || (frame instanceof Http2HeadersFrame trailers && trailers.isEndStream());
            if (frame instanceof Http2DataFrame || complete) {
                received(complete);
            }
            if (isAnswered()) {
                drop(frame);
            } else if (isDeciding()) {
                if (received == null) {
                    received = new ArrayDeque<>();
                }
                received.add(frame);
            } else {
                ctx.fireChannelRead(frame);
            }
        }

        @Override
        void deliver(RequestHead head) {
            ctx.fireChannelRead(
                    new DefaultHttp2HeadersFrame(NettyHttp2Heads.of(head), first.isEndStream(), first.padding())
                            .stream(stream));
            ArrayDeque<Http2StreamFrame> waiting = received;
            received = null;
            if (waiting != null) {
                waiting.forEach(ctx::fireChannelRead);
            }
            ctx.fireChannelReadComplete();
        }

        @Override
        @Nullable
        ResponseHead responseHead(Object message) {
            if (message instanceof Http2HeadersFrame frame && frame.headers().status() != null) {
                int status = Integer.parseInt(frame.headers().status().toString());
                return status < 200 ? null : NettyHttp2Heads.response(status, frame.headers());
            }
            return null;
        }

        @Override
        void send(Object response, ResponseHead head, ChannelPromise promise) {
            Http2HeadersFrame frame = (Http2HeadersFrame) response;
            send(
                    new DefaultHttp2HeadersFrame(NettyHttp2Heads.of(head), frame.isEndStream(), frame.padding())
                            .stream(stream),
                    promise);
        }

        @Override
        void send(Object message, ChannelPromise promise) {
            ctx.write(message, promise);
        }

        @Override
        void answer(ResponseHead head, LocalReply reply) {
            forget();
            boolean bodiless = reply.body().isEmpty()
                    || first.headers().method().toString().equals("HEAD");
            ctx.write(new DefaultHttp2HeadersFrame(NettyHttp2Heads.of(head), bodiless).stream(stream));
            if (!bodiless) {
                ByteBuf body = Unpooled.copiedBuffer(reply.body(), StandardCharsets.UTF_8);
                ctx.write(new DefaultHttp2DataFrame(body, true).stream(stream));
            }
            ctx.flush();
            if (!complete) {
                ctx.channel().eventLoop().schedule(this::resetIfOpen, DRAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        /**
         * The answer does not depend on the rest of the request (RFC 9113 section 8.1), which is thrown away. Envoy resets the stream at once, when its windows, far
         * larger than these, have let most clients send all of it; a client that waits for a window when it is told, as the JDK's does, never gets to the answer. So
         * what Envoy's window takes is taken first.
         */
        private void drop(Http2StreamFrame frame) {
            int bytes = frame instanceof Http2DataFrame data ? data.initialFlowControlledBytes() : 0;
            ReferenceCountUtil.release(frame);
            dropped += bytes;
            if (complete || reset) {
                return;
            }
            if (dropped > MOST_DROPPED) {
                reset();
            } else if (bytes > 0) {
                ctx.writeAndFlush(new DefaultHttp2WindowUpdateFrame(bytes).stream(stream));
            }
        }

        private void resetIfOpen() {
            if (!complete && !reset && ctx.channel().isActive()) {
                reset();
            }
        }

        @Override
        void reset() {
            reset = true;
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR).stream(stream));
        }

        @Override
        void flush() {
            ctx.flush();
        }

        void over() {
            reset = true;
            end();
            forget();
        }

        /** What was held back is not wanted. */
        private void forget() {
            ArrayDeque<Http2StreamFrame> waiting = received;
            received = null;
            if (waiting != null) {
                waiting.forEach(this::drop);
            }
        }
    }
}
