package io.inmesh.http.server;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundPort;
import io.inmesh.security.MeshPrincipal;
import io.inmesh.snapshot.Dialect;
import io.inmesh.transport.MeshTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's {@link HttpsServer} in the mesh: the control plane's listener decides which connections it takes, with which TLS, and which requests get to a context's handler.
 *
 * <pre>{@code
 * HttpsServer server = MeshHttpsServer.create(listeners, tls, new InetSocketAddress(InetAddress.getLocalHost(), 8443), 0);
 * server.setExecutor(Executors.newFixedThreadPool(64));
 * server.createContext("/orders", exchange -> ...);
 * server.start();
 * }</pre>
 *
 * <p>Policies are asked before a context is looked for, and the context is looked for by the path that they allowed. A path that could be read in two ways
 * ({@code /%61dmin}, {@code //admin}, {@code /a/../admin}, {@code /admin;x}) is answered 400 or 404, unless the mesh has normalised it before. The exchange has the
 * request as the mesh made it; {@link com.sun.net.httpserver.HttpExchange#getPrincipal} is the verified caller, unless the context has an authenticator of its own, and
 * {@link #PRINCIPAL} and {@link #CONNECTION} are attributes, which belong to one exchange here. The mesh has each response before any byte of it goes out.
 *
 * <p>What the JDK's server cannot do, and so is refused:
 *
 * <ul>
 *   <li>TLS only: it has no way to take TLS and HTTP in the clear on one port. A chain without TLS, and so a permissive mesh's callers in the clear, are closed.
 *   <li>HTTP/1.1 only: HTTP/2 is never selected by ALPN, and callers that speak it by prior knowledge, as proxies of Kuma do, cannot be served. HTTP/1.0 is answered 426.
 *   <li>It must be bound to the address of one interface. It does not tell the engine to which address a connection came, and chains and policies may depend on it.
 * </ul>
 *
 * <p>And what it does in its own way: without an {@linkplain #setExecutor executor} it has one thread, which a slow caller, awaited secrets or a verdict that takes time
 * hold up. There is no limit of time for a handshake or a head other than its property {@code sun.net.httpserver.maxReqTime}. For each connection it asks the resolver for
 * the caller's host name, which must answer fast. A connection whose chain was replaced ends with its next response, or when it was idle for
 * {@code sun.net.httpserver.idleInterval}. Requests that it cannot parse it answers itself, without any part of the application.
 *
 * <p>Thread-safe as far as {@link HttpsServer} is: contexts may come and go at any time.
 */
public final class MeshHttpsServer extends HttpsServer {
    /** The attribute of an exchange with the {@link DownstreamConnection}. */
    public static final String CONNECTION = "io.inmesh.connection";

    /** The attribute of an exchange with the {@link MeshPrincipal}, if the caller is known. */
    public static final String PRINCIPAL = "io.inmesh.principal";

    private final InboundListeners listeners;
    private final MeshTls tls;
    private final HttpsServer server;
    private final JdkContexts contexts = new JdkContexts(this);
    private volatile @Nullable InboundPort port;

    private MeshHttpsServer(InboundListeners listeners, MeshTls tls, HttpsServer server) {
        this.listeners = listeners;
        this.tls = tls;
        this.server = server;
        server.createContext("/", new JdkDispatch(contexts));
    }

    /**
     * A server that is to be bound.
     *
     * @param listeners {@code Mesh.inbound()}
     * @param tls       makes the engines; closed by whoever made it
     * @throws IOException if the JDK has no such server
     */
    public static MeshHttpsServer create(InboundListeners listeners, MeshTls tls) throws IOException {
        return new MeshHttpsServer(listeners, tls, HttpsServer.create());
    }

    /** As {@link #create(InboundListeners, MeshTls)} and {@link #bind}. */
    public static MeshHttpsServer create(
            InboundListeners listeners, MeshTls tls, InetSocketAddress address, int backlog) throws IOException {
        MeshHttpsServer server = create(listeners, tls);
        server.bind(address, backlog);
        return server;
    }

    /** What happens to its connections, to wait for configuration and for the status; null while it is not bound. */
    public @Nullable InboundPort port() {
        return port;
    }

    /**
     * Binds it, and asks the mesh for that port.
     *
     * @throws IllegalArgumentException if the address is not that of one interface
     */
    @Override
    public void bind(InetSocketAddress address, int backlog) throws IOException {
        InetAddress host = address.getAddress();
        if (host == null || host.isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    "a MeshHttpsServer must be bound to the address of one interface, such as InetAddress.getLocalHost(), and not to "
                            + address + ": it would not know to which address a connection came");
        }
        server.bind(address, backlog);
        InetSocketAddress bound = server.getAddress();
        InboundPort opened =
                listeners.port(new Dialect.BoundAddress(bound.getAddress().getHostAddress(), bound.getPort()));
        port = opened;
        server.setHttpsConfigurator(new JdkConfigurator(JdkEngines.context(new ServedPort(opened, tls, false), bound)));
    }

    @Override
    public void start() {
        if (port == null) {
            throw new IllegalStateException("the server is not bound");
        }
        server.start();
    }

    @Override
    public void stop(int delay) {
        server.stop(delay);
        InboundPort opened = port;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public void setExecutor(@Nullable Executor executor) {
        server.setExecutor(executor);
    }

    @Override
    public @Nullable Executor getExecutor() {
        return server.getExecutor();
    }

    /**
     * As in {@link HttpsServer}, but a path stands for itself and what is below it: {@code /admin} takes {@code /admin/x} and not {@code /administrator}. What a URI must
     * encode is given decoded, and compared encoded.
     *
     * @throws IllegalArgumentException also if no request for it would be served, because its path can be read in two ways
     */
    @Override
    public HttpContext createContext(String path, @Nullable HttpHandler handler) {
        return contexts.add(path, handler);
    }

    @Override
    public HttpContext createContext(String path) {
        return contexts.add(path, null);
    }

    @Override
    public void removeContext(String path) {
        contexts.remove(path);
    }

    @Override
    public void removeContext(HttpContext context) {
        contexts.remove(context.getPath());
    }

    @Override
    public InetSocketAddress getAddress() {
        return server.getAddress();
    }

    /** TLS is the mesh's affair: throws {@link UnsupportedOperationException}. */
    @Override
    public void setHttpsConfigurator(HttpsConfigurator config) {
        throw new UnsupportedOperationException("the mesh decides on the TLS of a MeshHttpsServer");
    }

    @Override
    public HttpsConfigurator getHttpsConfigurator() {
        return server.getHttpsConfigurator();
    }
}
