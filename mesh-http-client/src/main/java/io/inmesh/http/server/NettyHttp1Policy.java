package io.inmesh.http.server;

import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.inbound.InboundConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts the mesh between an HTTP/1.1 codec and the application, one request after the other. What comes while a request is decided, and what a client sends behind it, is
 * held back, and as long as something is held nothing more is read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // where a write fails the channel ends, and that is seen there
final class NettyHttp1Policy extends ChannelDuplexHandler implements NettyPolicy {
    /** Envoy's default of {@code delayed_close_timeout}: a client that still sends gets time to read the answer. */
    private static final long LINGER_MILLIS = 1000;

    private final InboundConnection connection;
    private final NettyLoop loop;
    private final ChannelHandlerContext codec;
    private final boolean secure;
    private final ArrayDeque<Object> held = new ArrayDeque<>();
    private volatile @Nullable Exchange current;
    private boolean processing;
    private boolean readWanted;
    private boolean draining;

    /** The last answer has gone out: what still comes is dropped. */
    private boolean ended;

    /** The connection speaks another protocol now, after a request that was accepted. */
    private boolean upgraded;

    /** To be added behind a codec. */
    NettyHttp1Policy(InboundConnection connection, ChannelHandlerContext codec) {
        this.connection = connection;
        this.codec = codec;
        this.loop = new NettyLoop(codec.channel().eventLoop());
        this.secure = connection.facts().tls() != null;
    }

    @Override
    public @Nullable NettyExchange exchange(Channel channel) {
        return current;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (upgraded) {
            ctx.fireChannelRead(message);
        } else if (ended) {
            ReferenceCountUtil.release(message);
        } else {
            held.add(message);
            process(ctx);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event != NettyHttp1Decoder.LATE_HEAD) {
            super.userEventTriggered(ctx, event);
        } else if (current == null && !ended) {
            reject(ctx, NettyHttp1Rules.lateHead());
        }
    }

    private void process(ChannelHandlerContext ctx) {
        if (processing) {
            return;
        }
        processing = true;
        try {
            while (!held.isEmpty() && step(ctx)) {
                // what is held goes on as far as it can
            }
        } finally {
            processing = false;
        }
        if (held.isEmpty() && readWanted && !ended) {
            readWanted = false;
            ctx.read();
        }
    }

    /** Moves one message on; false if it has to wait. */
    private boolean step(ChannelHandlerContext ctx) {
        Exchange exchange = current;
        if (ended) {
            ReferenceCountUtil.release(held.remove());
        } else if (exchange == null) {
            begin(ctx, held.remove());
        } else if (exchange.isDeciding() || exchange.received) {
            return false;
        } else {
            exchange.pass(held.remove());
        }
        return true;
    }

    private void begin(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HttpRequest request)) {
            ReferenceCountUtil.release(message);
            return;
        }
        LocalReply fault = NettyHttp1Rules.fault(request);
        if (fault != null) {
            ReferenceCountUtil.release(message);
            reject(ctx, fault);
            return;
        }
        boolean all = NettyHttp1Heads.isAll(request);
        RequestHead head = NettyHttp1Heads.head(request, secure);
        Exchange exchange = new Exchange(ctx, request);
        current = exchange;
        if (HttpUtil.is100ContinueExpected(request)) {
            // Envoy says so itself, before any filter sees the request, unless told otherwise (proxy_100_continue).
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        exchange.start(connection, loop, head, all, "HTTP/1.1");
    }

    private void reject(ChannelHandlerContext ctx, LocalReply reply) {
        FullHttpResponse response = response(reply.head(), reply);
        NettyHttp1Heads.close(response);
        ctx.writeAndFlush(response);
        end(ctx, false);
    }

    private static FullHttpResponse response(ResponseHead head, LocalReply reply) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(head.status()),
                Unpooled.copiedBuffer(reply.body(), StandardCharsets.UTF_8));
        NettyHttp1Heads.add(response.headers(), head.headers());
        if (!response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        }
        return response;
    }

    /** No more requests on this connection. */
    private void end(ChannelHandlerContext ctx, boolean atOnce) {
        ended = true;
        for (Object message = held.poll(); message != null; message = held.poll()) {
            ReferenceCountUtil.release(message);
        }
        if (atOnce) {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            ctx.channel().eventLoop().schedule(() -> ctx.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
            ctx.read();
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (held.isEmpty() || upgraded) {
            ctx.read();
        } else {
            readWanted = true;
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        Exchange exchange = current;
        if (upgraded) {
            ctx.write(message, promise);
        } else if (message instanceof ByteBuf bytes && !bytes.isReadable()) {
            ctx.write(message, promise); // a sign that all before it is written, not a message
        } else if (exchange == null || ended) {
            NettyExchange.refuse(message, promise);
        } else {
            exchange.write(message, promise);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Exchange exchange = current;
        current = null;
        ended = true;
        process(ctx);
        if (exchange != null) {
            exchange.end();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void drain() {
        draining = true;
        ChannelHandlerContext ctx = codec.pipeline().context(this);
        if (ctx != null && current == null && held.isEmpty() && !ended) {
            end(ctx, true);
        }
    }

    private final class Exchange extends NettyExchange {
        private final ChannelHandlerContext ctx;
        private final HttpRequest message;
        private final boolean keepAlive;
        private boolean delivered;
        private boolean received;
        private boolean sent;
        private boolean closes;

        Exchange(ChannelHandlerContext ctx, HttpRequest message) {
            this.ctx = ctx;
            this.message = message;
            this.keepAlive = HttpUtil.isKeepAlive(message);
        }

        @Override
        void deliver(RequestHead head) {
            NettyHttp1Heads.apply(head, message);
            delivered = true;
            received = message instanceof LastHttpContent;
            ctx.fireChannelRead(message);
            if (!processing) {
                process(ctx);
                ctx.fireChannelReadComplete();
            }
        }

        /** A piece of the request's body. */
        void pass(Object content) {
            if (content instanceof HttpContent piece && piece.decoderResult().isFailure() && !isAnswered()) {
                ReferenceCountUtil.release(content);
                broken();
                return;
            }
            received = content instanceof LastHttpContent;
            received(received);
            if (isAnswered()) {
                ReferenceCountUtil.release(content);
            } else {
                ctx.fireChannelRead(content);
            }
            finishIfDone();
        }

        /** The body cannot be read to its end: the application is told by the end of the connection. */
        private void broken() {
            boolean late = isResponded();
            current = null;
            end();
            if (late) {
                NettyHttp1Policy.this.end(ctx, true);
            } else {
                reject(ctx, NettyHttp1Rules.bodyFault());
            }
        }

        @Override
        @Nullable
        ResponseHead responseHead(Object response) {
            return response instanceof HttpResponse head
                            && (head.status().codeClass() != HttpStatusClass.INFORMATIONAL
                                    || head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS))
                    ? NettyHttp1Heads.head(head)
                    : null;
        }

        @Override
        void send(Object response, ResponseHead head, ChannelPromise promise) {
            HttpResponse out = (HttpResponse) response;
            NettyHttp1Heads.apply(head, out);
            if (draining) {
                NettyHttp1Heads.close(out);
                closes = true;
            }
            if (out.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                upgraded = true;
            }
            send(out, promise);
        }

        @Override
        void send(Object response, ChannelPromise promise) {
            boolean last = response instanceof LastHttpContent && !isInterim(response);
            ctx.write(response, promise);
            if (last) {
                sent = true;
                finishIfDone();
            }
        }

        private boolean isInterim(Object response) {
            return response instanceof HttpResponse head && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        }

        @Override
        void answer(ResponseHead head, LocalReply reply) {
            // The application's answer to this request must not be taken for one to the next, and a body that nobody
            // wants
            // is not waited for: as Envoy, which drains the connection then.
            boolean complete = received
                    || NettyHttp1Heads.isAll(message)
                    || held.stream().anyMatch(LastHttpContent.class::isInstance);
            closes = draining || delivered || !keepAlive || !complete;
            FullHttpResponse response = response(head, reply);
            if (closes) {
                NettyHttp1Heads.close(response);
            }
            if (!delivered) {
                received = message instanceof LastHttpContent;
                ReferenceCountUtil.release(message);
            }
            ctx.writeAndFlush(response);
            sent = true;
            if (closes) {
                finish(complete);
            } else {
                finishIfDone();
                process(ctx);
            }
        }

        @Override
        void reset() {
            current = null;
            end();
            NettyHttp1Policy.this.end(ctx, true);
        }

        @Override
        void flush() {
            ctx.flush();
        }

        private void finishIfDone() {
            if (received && sent && current == this && !upgraded) {
                finish(true);
            }
        }

        private void finish(boolean complete) {
            current = null;
            end();
            if (closes) {
                NettyHttp1Policy.this.end(ctx, complete);
                return;
            }
            if (!delivered) {
                readWanted = true; // an application that reads on demand knows of no request, so it asks for none
            }
            process(ctx);
        }
    }
}
