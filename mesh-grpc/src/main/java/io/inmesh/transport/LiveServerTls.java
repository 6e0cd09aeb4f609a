package io.inmesh.transport;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.model.DownstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The server's side of a {@link LiveTls}. An engine knows its generation by its {@code peerPort}, which means nothing else on a server. */
final class LiveServerTls implements ServerTls {
    private final DownstreamTls settings;
    private final LiveTls state;
    private final TlsProvider provider;
    private final Executor handshakes;

    LiveServerTls(DownstreamTls settings, LiveTls state, TlsProvider provider, Executor handshakes) {
        this.settings = settings;
        this.state = state;
        this.provider = provider;
        this.handshakes = handshakes;
    }

    @Override
    public DownstreamTls settings() {
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
    public SslHandler newHandler(ByteBufAllocator allocator) throws SSLException {
        SSLEngine engine = state.use(generation -> generation
                .context(List.of())
                .newHandler(allocator, "", (int) generation.number())
                .engine());
        return OffloadedTls.of(prepared(engine), handshakes);
    }

    @Override
    public SSLEngine newEngine() throws SSLException {
        return prepared(state.use(
                generation -> generation.context(List.of()).newEngine(UnpooledByteBufAllocator.DEFAULT, "", (int)
                        generation.number())));
    }

    private SSLEngine prepared(SSLEngine engine) throws SSLException {
        try {
            provider.prepareServer(
                    engine, settings, new CipherRules(settings.common().parameters()));
            return engine;
        } catch (RuntimeException e) {
            ReferenceCountUtil.release(engine);
            throw new SSLException("TLS cannot be set up: " + e.getMessage());
        }
    }

    @Override
    public void release(SSLEngine engine) {
        if (engine instanceof ReferenceCounted counted && counted.refCnt() > 0) {
            counted.release();
        }
    }

    @Override
    public DownstreamConnection.Tls facts(SSLEngine engine) {
        return PeerFacts.of(engine, provider, state.verifies(engine.getPeerPort()), state.current());
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
