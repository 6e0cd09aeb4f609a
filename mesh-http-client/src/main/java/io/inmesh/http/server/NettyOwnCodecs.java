package io.inmesh.http.server;

import io.inmesh.inbound.InboundConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;

/** The codecs of a server that has none: the application's handler sees HTTP objects, on the connection or on a channel for each stream of it. */
record NettyOwnCodecs(ChannelHandler application) implements NettyCodecs {

    @Override
    public NettyPolicy install(ChannelHandlerContext ctx, InboundConnection connection, ByteBuf first, boolean http2) {
        return http2 ? http2(ctx.pipeline(), connection) : http1(ctx.pipeline(), connection);
    }

    private NettyPolicy http1(ChannelPipeline pipeline, InboundConnection connection) {
        NettyHttp1Codec codec = new NettyHttp1Codec(connection::requestHeadersTimeout);
        pipeline.addLast(codec);
        NettyHttp1Policy policy = new NettyHttp1Policy(connection, pipeline.context(codec));
        pipeline.addLast(policy, application);
        return policy;
    }

    private NettyPolicy http2(ChannelPipeline pipeline, InboundConnection connection) {
        ChannelHandler codec = Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings().maxHeaderListSize(NettyHttp1Decoder.LARGEST_HEAD))
                .build();
        pipeline.addLast(codec);
        NettyHttp2Policy policy = new NettyHttp2Policy(connection, pipeline.context(codec));
        pipeline.addLast(policy, new Http2MultiplexHandler(new Streams(application)));
        return policy;
    }

    private static final class Streams extends ChannelInitializer<Channel> {
        private final ChannelHandler application;

        Streams(ChannelHandler application) {
            this.application = application;
        }

        @Override
        protected void initChannel(Channel stream) {
            stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true), application);
        }
    }
}
