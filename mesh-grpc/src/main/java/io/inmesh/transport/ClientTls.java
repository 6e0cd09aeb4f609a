package io.inmesh.transport;

import io.inmesh.model.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of connections to the hosts of a cluster, always with the newest secrets. Shared by equal settings.
 *
 * <p>Thread-safe; nothing blocks.
 */
public interface ClientTls {

    /** What it was made from. */
    UpstreamTls settings();

    /**
     * Says when connections can be made. A connection never goes out in the clear instead; how long it waits is its own business.
     *
     * @param loop  where {@code ready} runs, once: at once on the calling thread if there is nothing to wait for
     * @param ready told null, or why no connection will ever be possible with these settings
     * @return to be run when nobody waits any more
     */
    Runnable whenReady(Executor loop, Consumer<@Nullable String> ready);

    /** What is awaited, for the message of a connection that gives up waiting; null if it is ready. */
    @Nullable
    String awaited();

    /** Why the newest secrets are not in force though older ones are, for the status; null if all is well. Nothing of a secret is in it. */
    @Nullable
    String problem();

    /**
     * TLS for one connection, with the secrets of this moment.
     *
     * @param serverName the name to send by SNI, any text, or empty for none; the caller has applied {@code auto_host_sni} and the like
     * @param alpn       protocols to offer, or null for those of the settings
     * @param allowedNames with {@code auto_san_validation}: DNS names of which the peer's certificate must have one; empty if that is not asked for
     * @throws SSLException if it cannot be made now; the message tells why, and nothing of a secret
     */
    SslHandler newHandler(
            ByteBufAllocator allocator, String serverName, @Nullable List<String> alpn, List<String> allowedNames)
            throws SSLException;

    /** Counts up whenever connections made before should give way to new ones: secrets have changed. */
    long generation();

    /**
     * Whether a connection of an earlier {@link #generation} takes no more requests: its secrets were replaced longer ago than {@link TlsOptions#drainPeriod}, or a
     * root was withdrawn since and {@link TlsOptions#drainOnRootRemoval} is set. Quick.
     */
    boolean isOutdated(long generation);
}
