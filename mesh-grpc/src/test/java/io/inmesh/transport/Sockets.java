package io.inmesh.transport;

import io.inmesh.exchange.DownstreamConnection;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import java.io.EOFException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Real connections on loopback between a client and an echo server, each with TLS of its own. */
@SuppressWarnings("FutureReturnValueIgnored") // what matters is seen by the handlers
final class Sockets implements AutoCloseable {
    private static final int SECONDS = 60;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    /** What became of a connection. */
    record Outcome(
            @Nullable String clientFailure,
            @Nullable String clientProtocol,
            boolean resumed,
            CompletableFuture<DownstreamConnection.Tls> server) {
        boolean worked() {
            return clientFailure == null;
        }

        DownstreamConnection.Tls facts() throws Exception {
            return server.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    /** A server that gives back what it gets, once. */
    final class Server implements AutoCloseable {
        private final Channel channel;
        private final CompletableFuture<DownstreamConnection.Tls> first = new CompletableFuture<>();
        private volatile CompletableFuture<DownstreamConnection.Tls> facts = first;

        private Server(ServerTls tls) throws InterruptedException {
            channel = new ServerBootstrap()
                    .group(group)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel connection) throws Exception {
                            SslHandler handler = tls.newHandler(connection.alloc());
                            CompletableFuture<DownstreamConnection.Tls> mine = facts;
                            handler.handshakeFuture().addListener(done -> {
                                if (done.isSuccess()) {
                                    mine.complete(tls.facts(handler.engine()));
                                } else {
                                    mine.completeExceptionally(done.cause());
                                }
                            });
                            connection.pipeline().addLast(handler, new Echo());
                        }
                    })
                    .bind("127.0.0.1", 0)
                    .sync()
                    .channel();
        }

        /** Of the first connection. */
        DownstreamConnection.Tls firstFacts() throws Exception {
            return first.get(SECONDS, TimeUnit.SECONDS);
        }

        int port() {
            return ((InetSocketAddress) channel.localAddress()).getPort();
        }

        @Override
        public void close() {
            channel.close().syncUninterruptibly();
        }
    }

    private static final class Echo extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            ctx.writeAndFlush(message.retain());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    Server serve(ServerTls tls) throws InterruptedException {
        ready(tls::whenReady);
        return new Server(tls);
    }

    static @Nullable String ready(Readiness tls) {
        CompletableFuture<String> ready = new CompletableFuture<>();
        tls.whenReady(Runnable::run, reason -> ready.complete(reason == null ? "" : reason));
        String reason = ready.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        return reason.isEmpty() ? null : reason;
    }

    interface Readiness {
        Runnable whenReady(Executor loop, Consumer<@Nullable String> ready);
    }

    Outcome connect(ClientTls client, Server server) throws Exception {
        return connect(client, server, "", null, List.of());
    }

    /** Connects, says hello, waits for the echo: with TLS 1.3 only this tells whether the server took the client's certificate. */
    Outcome connect(ClientTls client, Server server, String sni, @Nullable List<String> alpn, List<String> allowedNames)
            throws Exception {
        server.facts = new CompletableFuture<>();
        try {
            @Nullable String[] protocol = {""};
            boolean[] resumed = new boolean[1];
            exchange(client, server.port(), sni, alpn, allowedNames, "hello", protocol, resumed);
            return new Outcome(null, protocol[0], resumed[0], server.facts);
        } catch (ExecutionException e) {
            return new Outcome(String.valueOf(e.getCause()), null, false, server.facts);
        } catch (TimeoutException e) {
            return new Outcome("no answer in time", null, false, server.facts);
        }
    }

    /** Connects, says something, and gives the first part of the answer. */
    String exchange(ClientTls client, int port, String message) throws Exception {
        return exchange(client, port, "", null, List.of(), message, new String[1], new boolean[1]);
    }

    private String exchange(
            ClientTls client,
            int port,
            String sni,
            @Nullable List<String> alpn,
            List<String> allowedNames,
            String message,
            @Nullable String[] protocol,
            boolean[] resumed)
            throws Exception {
        ready(client::whenReady);
        CompletableFuture<String> answer = new CompletableFuture<>();
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connection) throws Exception {
                        SslHandler handler = client.newHandler(connection.alloc(), sni, alpn, allowedNames);
                        handler.handshakeFuture().addListener(done -> {
                            protocol[0] = handler.applicationProtocol();
                            resumed[0] = done.isSuccess()
                                    && handler.engine() instanceof ReferenceCountedOpenSslEngine engine
                                    && SSL.isSessionReused(engine.sslPointer());
                            if (!done.isSuccess()) {
                                answer.completeExceptionally(done.cause());
                            }
                        });
                        connection.pipeline().addLast(handler, new SimpleChannelInboundHandler<ByteBuf>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                                answer.complete(bytes.toString(StandardCharsets.UTF_8));
                            }

                            @Override
                            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                answer.completeExceptionally(cause);
                                ctx.close();
                            }

                            @Override
                            public void channelInactive(ChannelHandlerContext ctx) {
                                answer.completeExceptionally(new EOFException("closed"));
                            }
                        });
                    }
                })
                .connect("127.0.0.1", port)
                .sync()
                .channel();
        try {
            channel.writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8));
            return answer.get(SECONDS, TimeUnit.SECONDS);
        } finally {
            channel.close().sync();
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
