package io.inmesh.http.server;

import io.inmesh.security.MeshPrincipal;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An application on Netty's HTTP objects. {@code /echo} streams the request's body back; {@code /never} says nothing; anything else is answered, once the request is
 * complete, with what the application saw.
 */
@ChannelHandler.Sharable
@SuppressWarnings("FutureReturnValueIgnored") // the client sees what happened to a write
final class NettyApplication extends ChannelInboundHandlerAdapter {
    private static final AttributeKey<State> STATE = AttributeKey.valueOf(NettyApplication.class, "state");

    final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger inactive = new AtomicInteger();
    final AtomicLong bodyBytes = new AtomicLong();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpRequest request) {
                requests.incrementAndGet();
                begin(ctx, request);
            }
            if (message instanceof HttpContent content) {
                bodyBytes.addAndGet(content.content().readableBytes());
                piece(ctx, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private static void begin(ChannelHandlerContext ctx, HttpRequest request) {
        String text = request.method() + " " + request.headers().get(HttpHeaderNames.HOST) + request.uri() + " mesh="
                + request.headers().get("x-mesh") + " from=" + name(ctx);
        State state = new State(request.uri(), text, HttpUtil.isKeepAlive(request));
        ctx.channel().attr(STATE).set(state);
        if (state.path.startsWith("/echo")) {
            HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
            ctx.writeAndFlush(response);
        }
    }

    private static String name(ChannelHandlerContext ctx) {
        MeshPrincipal principal = NettyMeshServer.principal(ctx.channel());
        return principal == null ? "nobody" : principal.getName();
    }

    private static void piece(ChannelHandlerContext ctx, HttpContent content) {
        State state = ctx.channel().attr(STATE).get();
        state.length += content.content().readableBytes();
        boolean last = content instanceof LastHttpContent;
        if (state.path.startsWith("/echo")) {
            if (content.content().isReadable()) {
                ctx.writeAndFlush(new DefaultHttpContent(content.content().retain()));
            }
            if (last) {
                ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        } else if (last && !state.path.startsWith("/never")) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK,
                    Unpooled.copiedBuffer(state.text + " body=" + state.length, StandardCharsets.UTF_8));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
            ctx.writeAndFlush(response);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inactive.incrementAndGet();
        ctx.fireChannelInactive();
    }

    private static final class State {
        private final String path;
        private final String text;
        private long length;

        State(String path, String text, boolean keepAlive) {
            this.path = path;
            this.text = text + " keepAlive=" + keepAlive;
        }
    }
}
