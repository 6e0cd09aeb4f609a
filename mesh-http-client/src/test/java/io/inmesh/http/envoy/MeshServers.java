package io.inmesh.http.envoy;

import com.sun.net.httpserver.HttpExchange;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.http.server.MeshHttpsServer;
import io.inmesh.http.server.MeshJettyConnector;
import io.inmesh.http.server.MeshJettyHandler;
import io.inmesh.http.server.MeshServletFilter;
import io.inmesh.http.server.MeshTomcatProtocol;
import io.inmesh.http.server.NettyMeshServer;
import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundPort;
import io.inmesh.security.MeshPrincipal;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.transport.MeshTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;

/** The servers of this mesh, each with all ports on an address of its own. */
enum MeshServers {
    NETTY("127.0.0.2"),
    TOMCAT("127.0.0.3"),
    JETTY("127.0.0.4"),
    /** Has HTTP/1.1 only, and TLS only. */
    JDK("127.0.0.5");

    final String host;

    MeshServers(String host) {
        this.host = host;
    }

    /** Whether it can be asked at all. */
    boolean serves(Situation situation, int version) {
        return this != JDK || (version == 1 && situation != Situation.PLAINTEXT);
    }

    /**
     * Starts the server.
     *
     * @param listeners as if the server were bound where Envoy is
     */
    AutoCloseable start(InboundListeners listeners, MeshTls tls, Collection<Integer> ports) throws Exception {
        return switch (this) {
            case NETTY -> netty(listeners, tls, ports);
            case TOMCAT -> tomcat(listeners, tls, ports);
            case JETTY -> jetty(listeners, tls, ports);
            case JDK -> jdk(listeners, tls, ports);
        };
    }

    private AutoCloseable netty(InboundListeners listeners, MeshTls tls, Collection<Integer> ports) {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        for (int port : ports) {
            InboundPort inbound = listeners.port(new BoundAddress(host, port));
            var handler = NettyMeshServer.of(inbound, tls).childHandler(new NettyEcho());
            open.add(new ServerBootstrap()
                    .group(group)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel accepted) {
                            open.add(accepted);
                            accepted.pipeline().addLast(handler);
                        }
                    })
                    .bind(new InetSocketAddress(host, port))
                    .syncUninterruptibly()
                    .channel());
        }
        return () -> {
            // Before their loop: a handshake that is at work elsewhere comes back to it.
            open.close().awaitUninterruptibly();
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        };
    }

    private AutoCloseable tomcat(InboundListeners listeners, MeshTls tls, Collection<Integer> ports) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
        for (int port : ports) {
            Connector connector = new Connector(new MeshTomcatProtocol().mesh(listeners, tls));
            connector.setProperty("address", host);
            connector.setProperty("minSpareThreads", "1");
            connector.setPort(port);
            connector.setThrowOnFailure(true);
            tomcat.setConnector(connector);
        }
        Context context = tomcat.addContext("", null);
        FilterDef filter = new FilterDef();
        filter.setFilterName("mesh");
        filter.setFilter(new MeshServletFilter(true));
        context.addFilterDef(filter);
        FilterMap mapping = new FilterMap();
        mapping.setFilterName("mesh");
        mapping.addURLPattern("/*");
        context.addFilterMap(mapping);
        Tomcat.addServlet(context, "echo", new ServletEcho()).addMapping("/*");
        tomcat.start();
        return () -> {
            tomcat.stop();
            tomcat.destroy();
        };
    }

    private AutoCloseable jetty(InboundListeners listeners, MeshTls tls, Collection<Integer> ports) throws Exception {
        Server server = new Server();
        ServletContextHandler context = new ServletContextHandler("/");
        context.addFilter(new FilterHolder(new MeshServletFilter(true)), "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new ServletEcho()), "/*");
        server.setHandler(new MeshJettyHandler(context));
        for (int port : ports) {
            MeshJettyConnector connector = new MeshJettyConnector(server, listeners, tls, new HttpConfiguration());
            connector.setHost(host);
            connector.setPort(port);
            server.addConnector(connector);
        }
        server.start();
        return server::stop;
    }

    private AutoCloseable jdk(InboundListeners listeners, MeshTls tls, Collection<Integer> ports) throws IOException {
        ExecutorService threads = Executors.newCachedThreadPool();
        List<MeshHttpsServer> servers = new ArrayList<>();
        for (int port : ports) {
            MeshHttpsServer server = MeshHttpsServer.create(listeners, tls, new InetSocketAddress(host, port), 0);
            server.setExecutor(threads);
            server.createContext("/", MeshServers::answer);
            server.start();
            servers.add(server);
        }
        return () -> {
            servers.forEach(server -> server.stop(0));
            threads.shutdown();
        };
    }

    private static void answer(HttpExchange exchange) throws IOException {
        byte[] body = Seen.of(
                        exchange.getRequestHeaders().getFirst("x-forwarded-client-cert"),
                        (MeshPrincipal) exchange.getAttribute(MeshHttpsServer.PRINCIPAL),
                        (DownstreamConnection) exchange.getAttribute(MeshHttpsServer.CONNECTION))
                .text()
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
