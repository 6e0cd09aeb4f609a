package io.inmesh.http.wire;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The TLS of the connections of one pool. */
interface ChannelTls {

    /** As {@link io.inmesh.transport.ClientTls#whenReady}. */
    Runnable whenReady(Executor loop, Consumer<@Nullable String> ready);

    /** What is awaited; null if it is ready. */
    @Nullable
    String awaited();

    /**
     * The TLS of a new connection. Its handshake is limited by the connection's own timeout.
     *
     * @throws SSLException if it cannot be made; the connection then fails
     */
    SslHandler newHandler(ByteBufAllocator allocator) throws SSLException;

    /** What {@link #isOutdated} is asked with later; taken before {@link #newHandler}. */
    long generation();

    /** Whether a connection of that generation takes no more requests, because its secrets have been replaced. */
    boolean isOutdated(long generation);
}
