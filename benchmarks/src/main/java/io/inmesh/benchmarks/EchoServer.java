package io.inmesh.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * The other side of the comparison, a process of its own: one event loop that answers each GET with 100 bytes, HTTP/1.1 and HTTP/2 on one port,
 * by prior knowledge or by upgrade. It prints its port, and ends when its standard input does.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection, which the other side notices
final class EchoServer {
    private static final byte[] BODY = "x".repeat(100).getBytes(StandardCharsets.US_ASCII);
    private static final int STREAMS = 1000;

    private EchoServer() {}

    public static void main(String[] arguments) throws Exception {
        MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NativeTransport.ioHandler());
        Channel server = new ServerBootstrap()
                .group(loop)
                .channel(NativeTransport.serverChannel())
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        configure(channel.pipeline());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        System.out.println(((InetSocketAddress) server.localAddress()).getPort());
        System.in.transferTo(OutputStream.nullOutputStream());
        loop.shutdownGracefully();
    }

    private static void configure(ChannelPipeline pipeline) {
        HttpServerCodec http1 = new HttpServerCodec();
        HttpServerUpgradeHandler upgrade = new HttpServerUpgradeHandler(
                http1,
                protocol -> AsciiString.contentEquals(Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME, protocol)
                        ? new Http2ServerUpgradeCodec(http2(), new Http2Answer())
                        : null,
                1 << 16);
        ChannelInitializer<Channel> priorKnowledge = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().remove(Http1Answer.class);
                channel.pipeline().addLast(http2(), new Http2Answer());
            }
        };
        pipeline.addLast(new CleartextHttp2ServerUpgradeHandler(http1, upgrade, priorKnowledge));
        pipeline.addLast(new Http1Answer());
    }

    private static Http2FrameCodec http2() {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(STREAMS))
                .build();
    }

    /** Answers over HTTP/1.1. */
    @Sharable
    private static final class Http1Answer extends SimpleChannelInboundHandler<HttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpRequest request) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(BODY));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, BODY.length);
            context.write(response);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    /** Answers over HTTP/2. */
    private static final class Http2Answer extends SimpleChannelInboundHandler<Object> {
        private static final AsciiString LENGTH = AsciiString.of(Integer.toString(BODY.length));

        Http2Answer() {
            super(false);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Object frame) {
            if (frame instanceof Http2HeadersFrame request && request.isEndStream()) {
                answer(context, request.stream());
            }
            ReferenceCountUtil.release(frame);
        }

        private static void answer(ChannelHandlerContext context, Http2FrameStream stream) {
            DefaultHttp2Headers headers = new DefaultHttp2Headers(false);
            headers.status(HttpResponseStatus.OK.codeAsText())
                    .set(HttpHeaderNames.CONTENT_TYPE, AsciiString.cached("text/plain"))
                    .set(HttpHeaderNames.CONTENT_LENGTH, LENGTH);
            context.write(new DefaultHttp2HeadersFrame(headers).stream(stream));
            context.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(BODY), true).stream(stream));
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
