package io.inmesh.http.wire;

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
     * Hosts of clusters in the clear, the application's own TLS for {@code https} outside the mesh. A cluster that asks for TLS is
     * {@code unusable} and never gets here.
     */
    static ChannelSecurity of(WireOptions options, Executor offload) {
        ApplicationTls applicationTls = new ApplicationTls(options.sslContext(), options.sslParameters(), offload);
        return (target, allocator) -> {
            if (target instanceof UpstreamTarget.Passthrough passthrough
                    && passthrough.scheme().equals("https")) {
                return applicationTls.handlerFor(passthrough);
            }
            return null;
        };
    }
}
