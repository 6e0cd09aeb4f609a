package io.inmesh.http.server;

import io.inmesh.inbound.InboundConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodec;
import org.jspecify.annotations.Nullable;

/**
 * The codecs that a server framework has in its pipeline, or puts there when it sees the first bytes. It is shown just enough of those to do that, and then the mesh goes
 * behind the codec that is there.
 */
final class NettyForeignCodecs implements NettyCodecs {
    static final NettyForeignCodecs INSTANCE = new NettyForeignCodecs();

    private NettyForeignCodecs() {}

    @Override
    public @Nullable NettyPolicy install(
            ChannelHandlerContext ctx, InboundConnection connection, ByteBuf first, boolean http2) {
        // No request is complete in these bytes: the preface of HTTP/2, or as much of a line as is not like it.
        int shown = NettyPreface.shared(first) + (http2 ? 0 : 1);
        ctx.fireChannelRead(first.readRetainedSlice(Math.min(shown, first.readableBytes())));
        ChannelPipeline pipeline = ctx.pipeline();
        ChannelHandlerContext http1Codec = pipeline.context(HttpServerCodec.class);
        ChannelHandlerContext http2Codec = pipeline.context(Http2FrameCodec.class);
        if (http2 && http2Codec != null && http1Codec == null) {
            return behind(http2Codec, new NettyHttp2Policy(connection, http2Codec));
        }
        if (!http2 && http1Codec != null && http2Codec == null) {
            return behind(http1Codec, new NettyHttp1Policy(connection, http1Codec));
        }
        return null;
    }

    private static <P extends ChannelHandler & NettyPolicy> P behind(ChannelHandlerContext codec, P policy) {
        codec.pipeline().addAfter(codec.name(), null, policy);
        return policy;
    }
}
