package io.inmesh.http.security;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** An application that answers a complete request with the path and the {@code x-forwarded-client-cert} that it saw, a line each. */
@Sharable
@SuppressWarnings("FutureReturnValueIgnored") // the client sees what happened to a write
final class SeenApplication extends SimpleChannelInboundHandler<HttpObject> {
    private static final AttributeKey<String> SEEN = AttributeKey.valueOf(SeenApplication.class, "seen");

    final AtomicInteger requests = new AtomicInteger();

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (message instanceof HttpRequest request) {
            requests.incrementAndGet();
            String certificates = String.join("&", request.headers().getAll("x-forwarded-client-cert"));
            ctx.channel().attr(SEEN).set(request.uri() + "\n" + certificates);
        }
        if (message instanceof LastHttpContent) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK,
                    Unpooled.copiedBuffer(ctx.channel().attr(SEEN).get(), StandardCharsets.ISO_8859_1));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
            ctx.writeAndFlush(response);
        }
    }
}
