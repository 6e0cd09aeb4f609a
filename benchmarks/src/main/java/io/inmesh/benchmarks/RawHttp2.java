package io.inmesh.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** HTTP/2 by prior knowledge, everything on one connection. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection
final class RawHttp2 implements RawNetty.RawConnections {
    private static final AsciiString AUTHORITY = AsciiString.cached("hello.shop.svc.cluster.local:8080");

    private final Bootstrap bootstrap;
    private final Frames frames = new Frames();
    private boolean begun;

    RawHttp2(Bootstrap bootstrap) {
        this.bootstrap = bootstrap;
    }

    @Override
    public void send(CompletableFuture<Integer> answer) {
        frames.send(answer);
        if (!begun) {
            begun = true;
            bootstrap
                    .clone()
                    .handler(RawNetty.pipeline(channel -> channel.pipeline()
                            .addLast(Http2FrameCodecBuilder.forClient().build(), frames)))
                    .connect();
        }
    }

    /** The connection. */
    private static final class Frames extends Http2ChannelDuplexHandler {
        private final Map<Http2FrameStream, CompletableFuture<Integer>> waiting = new HashMap<>();
        private final Map<Http2FrameStream, Integer> lengths = new HashMap<>();
        private final List<CompletableFuture<Integer>> early = new ArrayList<>();
        private @Nullable ChannelHandlerContext context;

        @Override
        public void channelActive(ChannelHandlerContext active) {
            context = active;
            early.forEach(this::send);
            early.clear();
        }

        void send(CompletableFuture<Integer> answer) {
            ChannelHandlerContext target = context;
            if (target == null) {
                early.add(answer);
                return;
            }
            Http2FrameStream stream = newStream();
            waiting.put(stream, answer);
            Http2Headers headers = new DefaultHttp2Headers(false)
                    .method("GET")
                    .scheme("http")
                    .authority(AUTHORITY)
                    .path("/hello");
            target.writeAndFlush(new DefaultHttp2HeadersFrame(headers, true).stream(stream), target.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext source, Object message) {
            if (message instanceof Http2HeadersFrame head) {
                lengths.put(head.stream(), "200".contentEquals(head.headers().status()) ? 0 : -1);
                if (head.isEndStream()) {
                    finish(head.stream());
                }
            } else if (message instanceof Http2DataFrame data) {
                int bytes = data.content().readableBytes();
                lengths.merge(data.stream(), bytes, Integer::sum);
                int credit = data.initialFlowControlledBytes();
                if (data.isEndStream()) {
                    finish(data.stream());
                }
                source.write(new DefaultHttp2WindowUpdateFrame(credit).stream(data.stream()));
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext source) {
            source.flush();
        }

        private void finish(Http2FrameStream stream) {
            CompletableFuture<Integer> answer = waiting.remove(stream);
            Integer length = lengths.remove(stream);
            if (answer != null) {
                answer.complete(length == null ? -1 : length);
            }
        }
    }
}
