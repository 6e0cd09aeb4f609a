package io.inmesh.http.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A connection in HTTP/2 in the clear, whose streams a test ends where it likes, and which notes what the server says of the connection. */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write is seen by what comes back
final class Http2Client implements AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel channel;

    /** The last streams that the server's notices of its end named. */
    final List<Integer> goAways = new CopyOnWriteArrayList<>();

    Http2Client(int port) {
        channel = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        connection
                                .pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forClient().build(),
                                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                                        new Notices());
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .syncUninterruptibly()
                .channel();
    }

    private final class Notices extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2GoAwayFrame goAway) {
                goAways.add(goAway.lastStreamId());
            }
            ReferenceCountUtil.release(message);
        }
    }

    /** Begins a request that has a body. */
    Stream post(String path) throws Exception {
        return begin("POST", path, false);
    }

    /** Sends a request that has none. */
    Stream get(String path) throws Exception {
        return begin("GET", path, true);
    }

    private Stream begin(String method, String path, boolean end) throws Exception {
        Stream stream = new Stream();
        stream.channel =
                new Http2StreamChannelBootstrap(channel).handler(stream).open().get(60, TimeUnit.SECONDS);
        Http2Headers head = new DefaultHttp2Headers(false)
                .method(method)
                .scheme("http")
                .authority("shop")
                .path(path);
        stream.channel.writeAndFlush(new DefaultHttp2HeadersFrame(head, end)).sync();
        return stream;
    }

    boolean isOpen() {
        return channel.isActive();
    }

    /** Ends it without waiting for its streams. Repeated calls do nothing. */
    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** One request, and what came back. */
    final class Stream extends ChannelInboundHandlerAdapter {
        private Channel channel = Http2Client.this.channel;
        private volatile String body = "";
        private volatile int status;
        private volatile boolean ended;
        private volatile boolean reset;

        /** Sends a piece of the body. */
        Stream send(String piece, boolean last) throws Exception {
            channel.writeAndFlush(
                            new DefaultHttp2DataFrame(Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII), last))
                    .sync();
            return this;
        }

        /** Breaks it off. */
        void cancel() {
            channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        }

        /** Zero before there is a response. */
        int status() {
            return status;
        }

        String body() {
            return body;
        }

        /** Whether the response is complete. */
        boolean isEnded() {
            return ended;
        }

        @Override
        public String toString() {
            return "status " + status + (ended ? ", ended" : "") + (reset ? ", reset" : "") + ", channel open "
                    + channel.isOpen() + ", connection open " + isOpen();
        }

        /** Whether the server broke it off. */
        boolean isReset() {
            return reset;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http2HeadersFrame head) {
                status = Integer.parseInt(head.headers().status().toString());
                ended = ended || head.isEndStream();
            } else if (frame instanceof Http2DataFrame data) {
                body = body.concat(data.content().toString(StandardCharsets.UTF_8));
                ended = ended || data.isEndStream();
            }
            ReferenceCountUtil.release(frame);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            reset = reset || event instanceof Http2ResetFrame;
        }
    }
}
