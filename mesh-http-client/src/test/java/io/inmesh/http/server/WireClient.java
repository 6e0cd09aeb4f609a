package io.inmesh.http.server;

import io.inmesh.transport.ClientTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** One connection that sends requests as a test writes them, path and all, over HTTP/1.1 or HTTP/2, with TLS of the mesh or without. */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write is seen by its answer
final class WireClient implements AutoCloseable {
    private static final int SECONDS = 60;
    private static final EventLoopGroup GROUP = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    private final Channel channel;
    private final boolean http2;
    private final @Nullable SslHandler tls;
    private final BlockingQueue<Object> answers = new LinkedBlockingQueue<>();

    private WireClient(int port, boolean http2, @Nullable SslHandler tls) throws Exception {
        this.http2 = http2;
        this.tls = tls;
        channel = new Bootstrap()
                .group(GROUP)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        if (tls != null) {
                            connection.pipeline().addLast(tls);
                        }
                        codecs(connection);
                    }
                })
                .connect("127.0.0.1", port)
                .sync()
                .channel();
        if (tls != null) {
            tls.handshakeFuture().get(SECONDS, TimeUnit.SECONDS);
        }
    }

    private void codecs(Channel connection) {
        if (http2) {
            connection
                    .pipeline()
                    .addLast(
                            Http2FrameCodecBuilder.forClient().build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
        } else {
            connection.pipeline().addLast(new HttpClientCodec(), new HttpObjectAggregator(1 << 20), new Answers());
        }
    }

    /** What came back. */
    record Answer(int status, Map<String, String> headers, String body) {}

    private final class Answers extends SimpleChannelInboundHandler<FullHttpResponse> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            Map<String, String> headers = new TreeMap<>();
            response.headers().forEach(each -> headers.put(each.getKey().toLowerCase(Locale.ROOT), each.getValue()));
            answers.add(new Answer(
                    response.status().code(), headers, response.content().toString(StandardCharsets.UTF_8)));
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            answers.add(new IOException("closed"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            answers.add(new IOException(cause));
        }
    }

    static WireClient clear(int port, boolean http2) throws Exception {
        return new WireClient(port, http2, null);
    }

    static WireClient tls(int port, boolean http2, ClientTls client, String serverName, String... alpn)
            throws Exception {
        CompletableFuture<String> ready = new CompletableFuture<>();
        client.whenReady(Runnable::run, reason -> ready.complete(reason == null ? "" : reason));
        String reason = ready.get(SECONDS, TimeUnit.SECONDS);
        if (!reason.isEmpty()) {
            throw new IOException(reason);
        }
        SslHandler handler =
                client.newHandler(io.netty.buffer.ByteBufAllocator.DEFAULT, serverName, List.of(alpn), List.of());
        return new WireClient(port, http2, handler);
    }

    /** What ALPN selected, or null. */
    @Nullable
    String selected() {
        return tls == null ? null : tls.applicationProtocol();
    }

    /** What the server shows. */
    X509Certificate server() throws Exception {
        if (tls == null) {
            throw new IllegalStateException();
        }
        return (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
    }

    Answer get(String path, String... headers) throws Exception {
        return request("GET", path, headers);
    }

    Answer request(String method, String path, String... headers) throws Exception {
        return http2 ? overHttp2(method, path, headers) : overHttp1(method, path, new byte[0], headers);
    }

    /** In one go; without a length over HTTP/2. */
    Answer post(String path, byte[] body) throws Exception {
        return http2
                ? pieces(path, List.of(body), 0)
                : overHttp1("POST", path, body, "Content-Length", Integer.toString(body.length));
    }

    /**
     * Sends a body whose length is not told, unless a header tells it.
     *
     * @param pauseMillis before each piece
     */
    Answer pieces(String path, List<byte[]> pieces, long pauseMillis, String... headers) throws Exception {
        return http2
                ? piecesOverHttp2(path, pieces, pauseMillis, headers)
                : piecesOverHttp1(path, pieces, pauseMillis, headers);
    }

    private Answer piecesOverHttp1(String path, List<byte[]> pieces, long pauseMillis, String... headers)
            throws Exception {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path);
        request.headers().set("Host", "shop.local");
        for (int i = 0; i < headers.length; i += 2) {
            request.headers().add(headers[i], headers[i + 1]);
        }
        if (!request.headers().contains("Content-Length")) {
            request.headers().set("Transfer-Encoding", "chunked");
        }
        channel.writeAndFlush(request);
        paced(channel, pieces, pauseMillis, (piece, last) -> {
            ByteBuf bytes = Unpooled.wrappedBuffer(piece);
            return last ? new DefaultLastHttpContent(bytes) : new DefaultHttpContent(bytes);
        });
        return taken(answers.poll(SECONDS, TimeUnit.SECONDS));
    }

    private Answer piecesOverHttp2(String path, List<byte[]> pieces, long pauseMillis, String... headers)
            throws Exception {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Channel stream = stream(answer);
        stream.writeAndFlush(new DefaultHttp2HeadersFrame(head("POST", headers).path(path), false));
        paced(
                stream,
                pieces,
                pauseMillis,
                (piece, last) -> new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(piece), last));
        return answer.get(SECONDS, TimeUnit.SECONDS);
    }

    private static void paced(
            Channel to, List<byte[]> pieces, long pauseMillis, BiFunction<byte[], Boolean, Object> message) {
        for (int i = 0; i < pieces.size(); i++) {
            Object each = message.apply(pieces.get(i), i == pieces.size() - 1);
            to.eventLoop().schedule(() -> to.writeAndFlush(each), pauseMillis * (i + 1), TimeUnit.MILLISECONDS);
        }
    }

    /** Asks for a tunnel. */
    Answer connect(String authority) throws Exception {
        if (!http2) {
            return overHttp1("CONNECT", authority, new byte[0]);
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Http2Headers head = new DefaultHttp2Headers(false).method("CONNECT").authority(authority);
        stream(answer).writeAndFlush(new DefaultHttp2HeadersFrame(head, false));
        return answer.get(SECONDS, TimeUnit.SECONDS);
    }

    private Answer overHttp1(String method, String path, byte[] body, String... headers) throws Exception {
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), path, Unpooled.wrappedBuffer(body));
        request.headers().set("Host", "shop.local");
        for (int i = 0; i < headers.length; i += 2) {
            request.headers().add(headers[i], headers[i + 1]);
        }
        channel.writeAndFlush(request);
        return taken(answers.poll(SECONDS, TimeUnit.SECONDS));
    }

    private static Answer taken(@Nullable Object answer) throws IOException {
        if (answer instanceof Answer known) {
            return known;
        }
        throw answer instanceof IOException failure ? failure : new IOException("no answer in time");
    }

    private Answer overHttp2(String method, String path, String... headers) throws Exception {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Channel stream = stream(answer);
        Http2Headers head = head(method, headers).path(path);
        stream.writeAndFlush(new DefaultHttp2HeadersFrame(head, true));
        return answer.get(SECONDS, TimeUnit.SECONDS);
    }

    private Channel stream(CompletableFuture<Answer> answer) throws Exception {
        Channel stream = new Http2StreamChannelBootstrap(channel)
                .handler(new Stream(answer))
                .open()
                .get(SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> answer.completeExceptionally(new IOException("closed")));
        return stream;
    }

    private static Http2Headers head(String method, String... headers) {
        Http2Headers head =
                new DefaultHttp2Headers(false).method(method).scheme("http").authority("shop.local");
        for (int i = 0; i < headers.length; i += 2) {
            head.add(headers[i].toLowerCase(Locale.ROOT), headers[i + 1]);
        }
        return head;
    }

    private static final class Stream extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Answer> answer;
        private final Map<String, String> headers = new TreeMap<>();
        private final StringBuilder body = new StringBuilder();
        private int status;

        Stream(CompletableFuture<Answer> answer) {
            this.answer = answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            boolean end = false;
            if (frame instanceof Http2HeadersFrame head) {
                if (head.headers().status() != null) {
                    status = Integer.parseInt(head.headers().status().toString());
                }
                head.headers()
                        .forEach(each -> headers.put(
                                each.getKey().toString(), each.getValue().toString()));
                end = head.isEndStream();
            } else if (frame instanceof Http2DataFrame data) {
                body.append(data.content().toString(StandardCharsets.UTF_8));
                end = data.isEndStream();
            }
            ReferenceCountUtil.release(frame);
            if (end) {
                answer.complete(new Answer(status, headers, body.toString()));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof io.netty.handler.codec.http2.Http2ResetFrame) {
                answer.completeExceptionally(new IOException("reset " + event));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            answer.completeExceptionally(new IOException("the stream ended"));
        }
    }

    boolean isOpen() {
        return channel.isActive();
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }
}
