package io.inmesh.http.server;

import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundPort;
import io.inmesh.snapshot.Dialect;
import io.inmesh.transport.MeshTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/**
 * A connector of Jetty in the mesh. The control plane decides for each connection whether there is TLS, on one port, and with which secrets; HTTP/1.1 and HTTP/2 come by
 * ALPN and, where that selects nothing, by prior knowledge.
 *
 * <p>Its server's first handler is a {@link MeshJettyHandler}, which asks the policies about requests; without it the connector does not start.
 */
public final class MeshJettyConnector extends ServerConnector {
    private final InboundListeners listeners;
    private final MeshTls tls;
    private volatile @Nullable ServedPort port;

    /**
     * A connector, to be given to {@link Server#addConnector}.
     *
     * @param listeners     {@code Mesh.inbound()}
     * @param tls           makes the engines
     * @param configuration of HTTP/1.1 and HTTP/2 alike
     */
    public MeshJettyConnector(Server server, InboundListeners listeners, MeshTls tls, HttpConfiguration configuration) {
        super(
                server,
                new JettyArrivalFactory(),
                new HttpConnectionFactory(configuration),
                new HTTP2CServerConnectionFactory(configuration));
        this.listeners = listeners;
        this.tls = tls;
    }

    /** What happens to its connections, to wait for configuration and for the status; null while it is not started. */
    public @Nullable InboundPort port() {
        ServedPort serving = port;
        return serving == null ? null : serving.port();
    }

    @Override
    public void open(ServerSocketChannel acceptChannel) throws IOException {
        super.open(acceptChannel);
        InetSocketAddress bound = (InetSocketAddress) acceptChannel.getLocalAddress();
        port = new ServedPort(
                listeners.port(new Dialect.BoundAddress(bound.getAddress().getHostAddress(), bound.getPort())), tls);
    }

    @Override
    protected void doStart() throws Exception {
        if (!(getServer().getHandler() instanceof MeshJettyHandler)) {
            throw new IllegalStateException(
                    "the first handler of a server with a MeshJettyConnector must be a MeshJettyHandler, or no policy would be asked");
        }
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        ServedPort ended = port;
        port = null;
        if (ended != null) {
            ended.port().close();
        }
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key)
            throws IOException {
        ServedPort serving = port;
        if (serving == null) {
            throw new IOException("the port is stopped");
        }
        ServedConnection served = serving.arriving(
                (InetSocketAddress) channel.getRemoteAddress(), (InetSocketAddress) channel.getLocalAddress());
        JettyEndPoint endPoint = new JettyEndPoint(channel, selector, key, getScheduler(), served);
        endPoint.setIdleTimeout(getIdleTimeout());
        return endPoint;
    }

    /** Comes after the connection on it was told, so that nothing uses the engine any more. */
    @Override
    protected void onEndPointClosed(EndPoint endPoint) {
        super.onEndPointClosed(endPoint);
        ServedConnection served = JettyEndPoint.served(endPoint);
        if (served != null) {
            served.close();
        }
    }
}
