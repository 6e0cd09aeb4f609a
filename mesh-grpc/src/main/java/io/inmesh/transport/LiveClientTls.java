package io.inmesh.transport;

import io.inmesh.model.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The client's side of a {@link LiveTls}. */
final class LiveClientTls implements ClientTls {
    /** Sessions are kept by name and port; a cluster has no port. */
    private static final int NO_PORT = 1;

    private final UpstreamTls settings;
    private final LiveTls state;
    private final TlsProvider provider;
    private final Executor handshakes;

    LiveClientTls(UpstreamTls settings, LiveTls state, TlsProvider provider, Executor handshakes) {
        this.settings = settings;
        this.state = state;
        this.provider = provider;
        this.handshakes = handshakes;
    }

    @Override
    public UpstreamTls settings() {
        return settings;
    }

    @Override
    public Runnable whenReady(Executor loop, Consumer<@Nullable String> ready) {
        return state.whenReady(loop, ready);
    }

    @Override
    public @Nullable String awaited() {
        return state.awaited();
    }

    @Override
    public @Nullable String problem() {
        return state.problem();
    }

    @Override
    public SslHandler newHandler(
            ByteBufAllocator allocator, String serverName, @Nullable List<String> alpn, List<String> allowedNames)
            throws SSLException {
        String peerHost = new Expectation(serverName, allowedNames).peerHost();
        List<String> protocols = alpn == null ? settings.common().alpn() : alpn;
        SSLEngine engine = state.use(generation -> generation
                .context(protocols)
                .newHandler(allocator, peerHost, NO_PORT)
                .engine());
        try {
            provider.prepareClient(
                    engine, serverName, new CipherRules(settings.common().parameters()));
            return OffloadedTls.of(engine, handshakes);
        } catch (RuntimeException e) {
            ReferenceCountUtil.release(engine);
            throw new SSLException("TLS cannot be set up: " + e.getMessage());
        }
    }

    @Override
    public long generation() {
        return state.number();
    }

    @Override
    public boolean isOutdated(long generation) {
        return state.isOutdated(generation);
    }
}
