package io.inmesh.samples.quickstart;

import io.inmesh.exchange.PeerCertificate;
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
import java.util.concurrent.atomic.LongAdder;

/** Answers whoever the mesh has let in, and says who that was. */
@ChannelHandler.Sharable
final class OrdersApplication extends SimpleChannelInboundHandler<FullHttpRequest> {
    /** Which certificate the caller had. */
    static final String CALLERS_CERTIFICATE = "x-callers-certificate";

    private final LongAdder requests = new LongAdder();

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a client that is gone wants no answer
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        requests.increment();
        MeshPrincipal caller = NettyMeshServer.principal(ctx.channel());
        String text = request.uri() + " for " + (caller == null ? "nobody" : caller.getName());
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        PeerCertificate certificate = caller == null ? null : caller.certificate();
        if (certificate != null) {
            response.headers().set(CALLERS_CERTIFICATE, Authority.label(certificate.issuer(), certificate.serial()));
        }
        ctx.writeAndFlush(response);
    }

    long requests() {
        return requests.sum();
    }
}
