package io.inmesh.transport;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.model.DownstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of connections that a filter chain accepts, always with the newest secrets. Shared by equal settings.
 *
 * <p>Thread-safe; nothing blocks.
 */
public interface ServerTls {

    /** What it was made from. */
    DownstreamTls settings();

    /** As {@link ClientTls#whenReady}. */
    Runnable whenReady(Executor loop, Consumer<@Nullable String> ready);

    /** What is awaited; null if it is ready. */
    @Nullable
    String awaited();

    /** As {@link ClientTls#problem}. */
    @Nullable
    String problem();

    /**
     * TLS for one connection of a Netty channel, with the secrets of this moment.
     *
     * @throws SSLException if it cannot be made now
     */
    SslHandler newHandler(ByteBufAllocator allocator) throws SSLException;

    /**
     * An engine for servers that are not Netty's. It may hold native memory: whoever takes it gives it back with {@link #release}.
     *
     * @throws SSLException if it cannot be made now
     */
    SSLEngine newEngine() throws SSLException;

    /** Gives back what an engine of {@link #newEngine} holds. Repeated calls do nothing. */
    void release(SSLEngine engine);

    /** What is known of a connection whose handshake is done. */
    DownstreamConnection.Tls facts(SSLEngine engine);

    /** Counts up whenever connections made before should give way to new ones: secrets have changed. */
    long generation();

    /** As {@link ClientTls#isOutdated}. */
    boolean isOutdated(long generation);
}
