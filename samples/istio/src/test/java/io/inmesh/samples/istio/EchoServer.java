package io.inmesh.samples.istio;

import io.inmesh.http.server.NettyMeshServer;
import io.inmesh.inbound.InboundPort;
import io.inmesh.security.MeshPrincipal;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * A server in the mesh whose application answers with what it has seen: the request's head is the body, {@code x-pod} is its address, {@code x-caller} who asked,
 * {@code x-certificate} the number of the caller's certificate. A request can ask for an {@code x-answer} status, an {@code x-delay} in milliseconds, and that status for its
 * first {@code x-fail-first} attempts only.
 */
final class EchoServer implements AutoCloseable {
    final Pod pod;
    final InboundPort port;
    private final Application application;
    private final Channel listening;
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    EchoServer(Pod pod, int number) throws Exception {
        this.pod = pod;
        port = pod.mesh.inbound().port(new BoundAddress(pod.address, number));
        port.awaitReady(Duration.ofSeconds(60));
        NettyMeshServer mesh = NettyMeshServer.of(port, pod.tls);
        application = new Application(pod.address);
        listening = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(mesh.childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpObjectAggregator(1 << 16), application);
                    }
                }))
                .bind(pod.address, number)
                .syncUninterruptibly()
                .channel();
    }

    /** How many requests have got to the application. */
    long requests() {
        return application.requests.sum();
    }

    @Override
    public void close() {
        port.close();
        // Whoever starts next may listen there.
        listening.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(20, TimeUnit.SECONDS);
    }

    @ChannelHandler.Sharable
    private static final class Application extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final String name;
        private final LongAdder requests = new LongAdder();
        private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

        Application(String name) {
            this.name = name;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // a client that is gone wants no answer
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            requests.increment();
            MeshPrincipal caller = NettyMeshServer.principal(ctx.channel());
            String text = request.method() + " " + request.uri() + "\n"
                    + request.headers().entries().stream()
                            .map(Map.Entry::toString)
                            .collect(Collectors.joining("\n"));
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, status(request), Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                    .set("x-pod", name)
                    .set("x-caller", caller == null ? "nobody" : caller.getName());
            if (caller != null && caller.certificate() != null) {
                response.headers().set("x-certificate", caller.certificate().serial());
            }
            ctx.executor()
                    .schedule(
                            () -> ctx.writeAndFlush(response),
                            request.headers().getInt("x-delay", 0),
                            TimeUnit.MILLISECONDS);
        }

        private HttpResponseStatus status(FullHttpRequest request) {
            int wanted = request.headers().getInt("x-answer", 200);
            Integer failing = request.headers().getInt("x-fail-first");
            return failing != null && attempts.merge(request.headers().get("x-name"), 1, Integer::sum) > failing
                    ? HttpResponseStatus.OK
                    : HttpResponseStatus.valueOf(wanted);
        }
    }
}
