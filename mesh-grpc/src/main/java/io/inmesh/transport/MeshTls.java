package io.inmesh.transport;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.UpstreamTls;

/**
 * All TLS of a mesh. It turns settings and secrets into contexts, watches the secrets that it needs, and shares contexts by equal settings.
 *
 * <p>netty-tcnative (BoringSSL) does the work where its native library loads; otherwise the JDK's provider does, with limits that are logged once.
 *
 * <p>Thread-safe.
 */
public interface MeshTls extends AutoCloseable {

    /** TLS of connections to hosts. */
    ClientTls client(UpstreamTls settings);

    /** TLS of accepted connections. */
    ServerTls server(DownstreamTls settings);

    /** In words: the provider and its version. */
    String provider();

    /** Stops watching secrets. Connections go on. */
    @Override
    void close();
}
