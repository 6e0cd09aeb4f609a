package io.inmesh.http.envoy;

import io.inmesh.exchange.StreamInfo;
import io.inmesh.http.server.NettyMeshServer;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;

/** The application on Netty. */
@Sharable
@SuppressWarnings("FutureReturnValueIgnored") // the client sees what happened to a write
final class NettyEcho extends SimpleChannelInboundHandler<HttpObject> {
    private static final AttributeKey<String> ANSWER = AttributeKey.valueOf(NettyEcho.class, "answer");

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (message instanceof HttpRequest request) {
            StreamInfo info = NettyMeshServer.info(ctx.channel());
            ctx.channel()
                    .attr(ANSWER)
                    .set(Seen.of(
                                    request.headers().get("x-forwarded-client-cert"),
                                    NettyMeshServer.principal(ctx.channel()),
                                    info == null ? null : info.downstream())
                            .text());
        }
        if (message instanceof LastHttpContent) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK,
                    Unpooled.copiedBuffer(ctx.channel().attr(ANSWER).get(), StandardCharsets.UTF_8));
            response.headers()
                    .set("content-length", response.content().readableBytes())
                    .set("content-type", "text/plain");
            ctx.writeAndFlush(response);
        }
    }
}
