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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Says who calls; slowly at {@code /slow/MILLIS}, and with two failures before each success at {@code /flaky}. */
@ChannelHandler.Sharable
final class TestApplication extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final String name;
    private final AtomicInteger flaky = new AtomicInteger();

    TestApplication(String name) {
        this.name = name;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a client that is gone wants no answer
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        MeshPrincipal caller = NettyMeshServer.principal(ctx.channel());
        String uri = request.uri();
        boolean fails = uri.equals("/flaky") && flaky.getAndIncrement() % 3 != 2;
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                fails ? HttpResponseStatus.SERVICE_UNAVAILABLE : HttpResponseStatus.OK,
                Unpooled.copiedBuffer(caller == null ? "nobody" : caller.getName(), StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(OrdersApplication.INSTANCE, name);
        long pause = uri.startsWith("/slow/") ? Long.parseLong(uri.substring("/slow/".length())) : 0;
        ctx.executor().schedule(() -> ctx.writeAndFlush(response), pause, TimeUnit.MILLISECONDS);
    }
}
