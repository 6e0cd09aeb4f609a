package io.inmesh.samples.kuma;

import io.inmesh.http.server.NettyMeshServer;
import io.inmesh.security.MeshPrincipal;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Answers whoever the mesh has let in, and says who that was and who answers. */
@ChannelHandler.Sharable
final class OrdersApplication extends SimpleChannelInboundHandler<FullHttpRequest> {
    static final String VERSION = "x-version";
    static final String INSTANCE = "x-instance";

    private final Workload workload;

    OrdersApplication(Workload workload) {
        this.workload = workload;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a client that is gone wants no answer
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        MeshPrincipal caller = NettyMeshServer.principal(ctx.channel());
        String text = request.uri() + " for " + (caller == null ? "nobody" : caller.getName());
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(VERSION, workload.version())
                .set(INSTANCE, workload.name());
        ctx.writeAndFlush(response);
    }
}
