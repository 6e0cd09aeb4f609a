package io.inmesh.transport;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import java.time.Clock;

/**
 * All TLS of a mesh. It turns settings and secrets into contexts, watches the secrets that it needs, and shares contexts by equal settings.
 *
 * <p>netty-tcnative (BoringSSL) does the work where its native library loads; otherwise the JDK's provider does, with limits that are logged once:
 * as a server it refuses clients whose server name (SNI) is no host name, it cannot read certificates without an issuer, and sessions and the preference of
 * ciphers are its own. The system property {@code io.inmesh.transport.provider} with {@code jdk} or {@code native} forces the choice.
 *
 * <p>Thread-safe.
 */
public interface MeshTls extends AutoCloseable {

    /**
     * TLS with the secrets of a provider.
     *
     * @param secrets whose secrets are watched as long as somebody holds a {@link ClientTls} or {@link ServerTls} that needs them
     */
    static MeshTls create(SecretProvider secrets, TlsOptions options) {
        return new SharedTls(secrets, options, TlsProvider.choose(), Clock.systemUTC(), System::getenv);
    }

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
