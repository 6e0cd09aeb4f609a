package io.inmesh.http.server;

import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundPort;
import io.inmesh.snapshot.Dialect;
import io.inmesh.transport.MeshTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/** Tomcat's NIO endpoint with channels that are the mesh's: for Tomcat a port in the clear, because whether a connection has TLS is the mesh's choice for each one. */
final class TomcatEndpoint extends NioEndpoint {
    private @Nullable InboundListeners listeners;
    private @Nullable MeshTls tls;
    private volatile @Nullable ServedPort port;

    TomcatEndpoint() {
        setUseSendfile(false); // its bytes would pass by the answer of the mesh that takes the place of a response
    }

    void mesh(InboundListeners newListeners, MeshTls newTls) {
        listeners = newListeners;
        tls = newTls;
    }

    /** What happens to its connections; null before it is started and after it is stopped. */
    @Nullable
    InboundPort port() {
        ServedPort serving = port;
        return serving == null ? null : serving.port();
    }

    ServedConnection arriving(SocketChannel socket) throws IOException {
        ServedPort serving = port;
        if (serving == null) {
            throw new IOException("the port is stopped");
        }
        return serving.arriving(
                (InetSocketAddress) socket.getRemoteAddress(), (InetSocketAddress) socket.getLocalAddress());
    }

    @Override
    protected NioChannel createChannel(SocketBufferHandler buffer) {
        return new TomcatChannel(buffer, this);
    }

    @Override
    public void startInternal() throws Exception {
        InboundListeners mesh = listeners;
        MeshTls transport = tls;
        if (mesh == null || transport == null) {
            throw new IllegalStateException(
                    "MeshTomcatProtocol was not told of its mesh: call mesh(listeners, tls) before it starts");
        }
        InetSocketAddress bound = getLocalAddress();
        port = new ServedPort(
                mesh.port(new Dialect.BoundAddress(bound.getAddress().getHostAddress(), bound.getPort())), transport);
        super.startInternal();
    }

    @Override
    public void stopInternal() {
        super.stopInternal();
        ServedPort ended = port;
        port = null;
        if (ended != null) {
            ended.port().close();
        }
    }
}
