package io.inmesh.http.wire;

import io.inmesh.model.TransportSocket;
import io.inmesh.outbound.UpstreamTarget;
import io.inmesh.outbound.UpstreamTarget.Passthrough;
import io.inmesh.outbound.UpstreamTarget.ToHost;
import io.inmesh.transport.MeshTls;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Decides what lies between TCP and HTTP on the connections to a target. This is the one place: whatever is sent by this transport goes through a
 * channel that was secured, or left in the clear, by this class.
 */
final class ChannelSecurity {
    private final ApplicationTls applicationTls;
    private final @Nullable MeshTls meshTls;

    ChannelSecurity(WireOptions options, Executor offload) {
        this.applicationTls = new ApplicationTls(options.sslContext(), options.sslParameters(), offload);
        this.meshTls = options.meshTls();
    }

    /**
     * The TLS of connections to a target, or null for none: hosts of clusters in the clear where their cluster says so, the application's own TLS for
     * {@code https} outside the mesh.
     *
     * @throws SSLException if the target asks for something that cannot be had; nothing is sent in the clear in its place
     */
    @Nullable
    ChannelTls of(UpstreamTarget target) throws SSLException {
        if (target instanceof Passthrough passthrough) {
            return passthrough.scheme().equals("https")
                    ? new ApplicationTls.Connections(applicationTls, passthrough)
                    : null;
        }
        ToHost toHost = (ToHost) target;
        TransportSocket socket = toHost.host().transport();
        if (socket instanceof TransportSocket.Plaintext) {
            return null;
        }
        if (socket instanceof TransportSocket.Tls tls) {
            if (meshTls == null) {
                throw new SSLException("cluster " + toHost.cluster().name()
                        + " asks for TLS, and this transport was made without mesh TLS");
            }
            return new HostTls(meshTls.client(tls.settings()), toHost);
        }
        throw new SSLException(
                "cluster " + toHost.cluster().name() + ": " + ((TransportSocket.Unusable) socket).reason());
    }
}
