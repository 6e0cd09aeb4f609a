package io.inmesh.http.wire;

import io.inmesh.model.TransportSocket;
import io.inmesh.outbound.UpstreamTarget;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Decides what lies between TCP and HTTP on a new connection. This is the one place: whatever is sent by this transport goes through a channel that
 * was secured, or left in the clear, by this method.
 */
@FunctionalInterface
interface ChannelSecurity {

    /**
     * The TLS of a new connection, or null for none. Its handshake is limited by the connection's own timeout.
     *
     * @throws SSLException if the TLS that the target needs cannot be made; the connection then fails
     */
    @Nullable
    SslHandler handlerFor(UpstreamTarget target, ByteBufAllocator allocator) throws SSLException;

    /**
     * Hosts of clusters in the clear where their cluster says so, and not at all where it says anything else; the application's own TLS for
     * {@code https} outside the mesh.
     */
    static ChannelSecurity of(WireOptions options, Executor offload) {
        ApplicationTls applicationTls = new ApplicationTls(options.sslContext(), options.sslParameters(), offload);
        return (target, allocator) -> {
            if (target instanceof UpstreamTarget.Passthrough passthrough
                    && passthrough.scheme().equals("https")) {
                return applicationTls.handlerFor(passthrough);
            }
            if (target instanceof UpstreamTarget.ToHost toHost
                    && !(toHost.host().transport() instanceof TransportSocket.Plaintext)) {
                throw new SSLException("cluster " + toHost.cluster().name() + " asks for more than a plain connection to "
                        + toHost.host() + ", and nothing is sent in the clear in its place");
            }
            return null;
        };
    }
}
