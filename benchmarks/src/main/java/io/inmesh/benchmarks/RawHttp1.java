package io.inmesh.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1, one request at a time on a connection, as many connections as there are requests. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection
final class RawHttp1 implements RawNetty.RawConnections {
    private final Bootstrap bootstrap;
    private final ArrayDeque<Exchange> idle = new ArrayDeque<>();

    RawHttp1(Bootstrap bootstrap) {
        this.bootstrap = bootstrap;
    }

    @Override
    public void send(CompletableFuture<Integer> answer) {
        Exchange free = idle.pollLast();
        if (free != null) {
            free.send(answer);
            return;
        }
        Exchange exchange = new Exchange();
        bootstrap
                .clone()
                .handler(RawNetty.pipeline(channel -> channel.pipeline().addLast(new HttpClientCodec(), exchange)))
                .connect()
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        exchange.send(answer);
                    } else {
                        answer.completeExceptionally(connected.cause());
                    }
                });
    }

    /** One connection. */
    private final class Exchange extends ChannelInboundHandlerAdapter {
        private @Nullable Channel channel;
        private @Nullable CompletableFuture<Integer> waiting;
        private int status;
        private int length;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = context.channel();
        }

        void send(CompletableFuture<Integer> answer) {
            waiting = answer;
            length = 0;
            FullHttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/hello", Unpooled.EMPTY_BUFFER);
            request.headers().set(HttpHeaderNames.HOST, "hello.shop.svc.cluster.local:8080");
            if (channel != null) {
                channel.writeAndFlush(request, channel.voidPromise());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpResponse response) {
                status = response.status().code();
            }
            if (message instanceof HttpContent content) {
                length += content.content().readableBytes();
                content.release();
                if (content instanceof LastHttpContent) {
                    finish();
                }
                return;
            }
            ReferenceCountUtil.release(message);
        }

        private void finish() {
            CompletableFuture<Integer> answer = waiting;
            waiting = null;
            idle.addLast(this);
            if (answer != null) {
                answer.complete(status == 200 ? length : -status);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
            if (waiting != null) {
                waiting.completeExceptionally(cause);
            }
        }
    }
}
