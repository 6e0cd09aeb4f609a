package io.inmesh.http.testing;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server on a free port of 127.0.0.1: HTTP/1.1 and, on the same port, HTTP/2, by prior knowledge or by ALPN. Bodies are read whole. The handler
 * runs on a thread of its own for each request and may block.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the client sees what happened to a write
public final class HttpTestServer implements AutoCloseable {
    private static final int LARGEST_BODY = 64 << 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService handlers = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test-server");
        thread.setDaemon(true);
        return thread;
    });
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicInteger connections = new AtomicInteger();
    private final Handler handler;
    private final @Nullable Tls tls;
    private final long maxStreams;
    private final Channel listening;

    private HttpTestServer(Handler handler, @Nullable Tls tls, long maxStreams) {
        this.handler = handler;
        this.tls = tls;
        this.maxStreams = maxStreams;
        this.listening = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) throws SSLException {
                        accept(channel);
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    /** Gives each connection its TLS. */
    @FunctionalInterface
    public interface Tls {
        /** The handler of a new connection. */
        SslHandler newHandler(SocketChannel channel) throws SSLException;
    }

    /** Answers a request. */
    @FunctionalInterface
    public interface Handler {
        /** The answer; an exception becomes a 500 with its text. */
        Response handle(Request request) throws Exception;
    }

    /**
     * A request that was received whole.
     *
     * @param version {@code HTTP/1.1} or {@code HTTP/2}
     * @param headers names in lower case, in order
     * @param peer    the client's port, which tells connections apart
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Request(
            String method, String uri, String version, List<Map.Entry<String, String>> headers, byte[] body, int peer) {
        /** The first value of a header, or null. */
        public @Nullable String header(String lowerCaseName) {
            for (Map.Entry<String, String> header : headers) {
                if (header.getKey().equals(lowerCaseName)) {
                    return header.getValue();
                }
            }
            return null;
        }

        /** The body as text. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /**
     * An answer. With trailers it is sent in chunks on HTTP/1.1, else with its length.
     *
     * @param headers  names and values in turn
     * @param trailers names and values in turn
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Response(int status, List<String> headers, byte[] body, List<String> trailers) {
        /** 200 with a text. */
        public static Response ok(String text) {
            return of(200, text);
        }

        /** A text with a status and headers, names and values in turn. */
        public static Response of(int status, String text, String... headers) {
            return new Response(status, List.of(headers), text.getBytes(StandardCharsets.UTF_8), List.of());
        }
    }

    /** In the clear: HTTP/1.1, and HTTP/2 by prior knowledge. */
    public static HttpTestServer start(Handler handler) {
        return new HttpTestServer(handler, null, 100);
    }

    /** In the clear, with a limit of streams on each HTTP/2 connection. */
    public static HttpTestServer startWithMaxStreams(long maxStreams, Handler handler) {
        return new HttpTestServer(handler, null, maxStreams);
    }

    /** With TLS; {@code protocols} for ALPN in order of preference, none for no ALPN. */
    public static HttpTestServer startTls(SSLContext context, List<String> protocols, Handler handler) {
        return startTls(
                channel -> {
                    SSLEngine engine = context.createSSLEngine();
                    engine.setUseClientMode(false);
                    if (!protocols.isEmpty()) {
                        SSLParameters parameters = engine.getSSLParameters();
                        parameters.setApplicationProtocols(protocols.toArray(new String[0]));
                        engine.setSSLParameters(parameters);
                    }
                    return new SslHandler(engine);
                },
                handler);
    }

    /** With TLS of any kind. */
    public static HttpTestServer startTls(Tls tls, Handler handler) {
        return new HttpTestServer(handler, tls, 100);
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** {@code 127.0.0.1:port}. */
    public String authority() {
        return "127.0.0.1:" + port();
    }

    /** How many connections it has accepted. */
    public int connections() {
        return connections.get();
    }

    /** How many connections are open. */
    public int openConnections() {
        return open.size();
    }

    /** Closes all connections and goes on listening. */
    public void closeConnections() {
        open.close().syncUninterruptibly();
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        open.close().syncUninterruptibly();
        handlers.shutdownNow();
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void accept(SocketChannel channel) throws SSLException {
        connections.incrementAndGet();
        open.add(channel);
        ChannelPipeline pipeline = channel.pipeline();
        if (tls == null) {
            pipeline.addLast(new PrefaceDetector());
            return;
        }
        pipeline.addLast(tls.newHandler(channel), new PrefaceDetector());
    }

    private void http1(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(LARGEST_BODY), new Exchange("HTTP/1.1"));
    }

    private void http2(ChannelPipeline pipeline) {
        ChannelHandler streams = new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline()
                        .addLast(
                                new Http2StreamFrameToHttpObjectCodec(true),
                                new HttpObjectAggregator(LARGEST_BODY),
                                new Exchange("HTTP/2"));
            }
        };
        pipeline.addLast(
                Http2FrameCodecBuilder.forServer()
                        .initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(maxStreams))
                        .build(),
                new Http2MultiplexHandler(streams));
    }

    /** HTTP/2 begins with {@code PRI}, which no HTTP/1.1 method does. */
    private final class PrefaceDetector extends ByteToMessageDecoder {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable handshakeFailed) {
            ctx.close();
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (in.readableBytes() >= 3) {
                boolean preface = in.toString(in.readerIndex(), 3, StandardCharsets.US_ASCII)
                        .equals("PRI");
                if (preface) {
                    http2(ctx.pipeline());
                } else {
                    http1(ctx.pipeline());
                }
                ctx.pipeline().remove(this);
            }
        }
    }

    private final class Exchange extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final String version;

        Exchange(String version) {
            this.version = version;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest received) {
            List<Map.Entry<String, String>> headers = new ArrayList<>();
            received.headers()
                    .forEach(header ->
                            headers.add(Map.entry(header.getKey().toLowerCase(Locale.ROOT), header.getValue())));
            Channel connection = version.equals("HTTP/2") ? ctx.channel().parent() : ctx.channel();
            Request request = new Request(
                    received.method().name(),
                    received.uri(),
                    version,
                    headers,
                    ByteBufUtil.getBytes(received.content()),
                    ((InetSocketAddress) connection.remoteAddress()).getPort());
            boolean keepAlive = version.equals("HTTP/2") || HttpUtil.isKeepAlive(received);
            String stream = received.headers().get(ExtensionHeaderNames.STREAM_ID.text());
            handlers.execute(() -> {
                FullHttpResponse response = encode(request, answer(request));
                if (stream != null) {
                    response.headers().set(ExtensionHeaderNames.STREAM_ID.text(), stream);
                }
                if (!keepAlive) {
                    response.headers().set(HttpHeaderNames.CONNECTION, "close");
                }
                var written = ctx.writeAndFlush(response);
                if (!keepAlive) {
                    written.addListener(ChannelFutureListener.CLOSE);
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        private Response answer(Request request) {
            try {
                return handler.handle(request);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Response.of(503, "interrupted");
            } catch (Exception e) {
                return Response.of(500, e.toString());
            }
        }

        private FullHttpResponse encode(Request request, Response response) {
            boolean noBody = response.status() == 204
                    || response.status() == 304
                    || request.method().equals("HEAD");
            FullHttpResponse encoded = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(response.status()),
                    noBody ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(response.body()));
            for (int i = 0; i < response.headers().size(); i += 2) {
                encoded.headers()
                        .add(response.headers().get(i), response.headers().get(i + 1));
            }
            for (int i = 0; i < response.trailers().size(); i += 2) {
                encoded.trailingHeaders()
                        .add(response.trailers().get(i), response.trailers().get(i + 1));
            }
            if (!response.trailers().isEmpty()) {
                HttpUtil.setTransferEncodingChunked(encoded, version.equals("HTTP/1.1"));
            } else if (response.status() != 204 && response.status() != 304) {
                encoded.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
            }
            return encoded;
        }
    }
}
