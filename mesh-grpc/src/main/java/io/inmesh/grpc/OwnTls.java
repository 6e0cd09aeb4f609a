package io.inmesh.grpc;

import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.transport.ClientTls;
import io.inmesh.transport.MeshTls;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of this process's own connections, to control planes, authorities and agents, made when it is first needed. It may read the files that the settings
 * name, and no others.
 *
 * <p>{@link #apply} is called on one thread, {@link #close} on any.
 */
public final class OwnTls implements Function<UpstreamTls, ClientTls>, AutoCloseable {
    private final Collection<UpstreamTls> settings;
    private final SecretProvider secrets;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable MeshTls made;

    /** TLS that needs no secret provider. */
    public OwnTls(Collection<UpstreamTls> settings) {
        this(settings, SecretProvider.firstOf(List.of()));
    }

    /**
     * TLS that is not made yet.
     *
     * @param settings all that will be asked for
     * @param secrets  has the client certificates that they name
     */
    public OwnTls(Collection<UpstreamTls> settings, SecretProvider secrets) {
        this.settings = List.copyOf(settings);
        this.secrets = secrets;
    }

    @Override
    public ClientTls apply(UpstreamTls wanted) {
        MeshTls tls = made;
        if (tls == null) {
            tls = MeshTls.create(secrets, OwnFiles.in(settings));
            made = tls;
            if (closed.get()) {
                tls.close();
            }
        }
        return tls.client(wanted);
    }

    /** Stops watching files and secrets. */
    @Override
    public void close() {
        closed.set(true);
        MeshTls tls = made;
        if (tls != null) {
            tls.close();
        }
    }
}
