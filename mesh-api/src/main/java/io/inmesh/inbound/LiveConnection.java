package io.inmesh.inbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A connection that has taken a chain. */
final class LiveConnection implements InboundConnection {
    /** Envoy has closed the connection by then, so it has no name for it. */
    private static final LocalReply GONE = LocalReply.of(503, "", null, "filter_chain_gone");

    private final ChainSlot slot;
    private final DownstreamConnection facts;
    private final StreamInfo info = new StreamInfo();
    private final @Nullable String refusal;

    /** Null, or who is to be told; {@link Mark#DRAINING} if it is to be drained and nobody was there to be told; {@link Mark#TOLD} in the end. */
    private final AtomicReference<@Nullable Runnable> drain = new AtomicReference<>();

    private final AtomicLong requests = new AtomicLong();
    private final AtomicInteger underWay = new AtomicInteger();

    /** Null if the server keeps its own limits. */
    private volatile @Nullable ConnectionLife life;

    LiveConnection(ChainSlot slot, DownstreamConnection facts) {
        this.slot = slot;
        this.facts = facts;
        info.downstream(facts);
        info.startTimeMillis(slot.settings().clock().millis());
        refusal = slot.current().examine(info);
        if (refusal != null) {
            RefusalLog.SHARED.connection(facts, refusal);
        }
    }

    /** Nobody is to be told. */
    private enum Mark implements Runnable {
        DRAINING,
        TOLD;

        @Override
        public void run() {}
    }

    @Override
    public @Nullable String refusal() {
        return refusal;
    }

    @Override
    public DownstreamConnection facts() {
        return facts;
    }

    @Override
    public void onDrain(Runnable told) {
        if (!drain.compareAndSet(null, told) && drain.compareAndSet(Mark.DRAINING, Mark.TOLD)) {
            told.run();
        }
    }

    void drain() {
        Runnable told = drain.getAndUpdate(now -> now == null || now == Mark.DRAINING ? Mark.DRAINING : Mark.TOLD);
        if (told != null) {
            told.run();
        }
    }

    @Override
    public boolean isRetired() {
        return slot.isRetired();
    }

    @Override
    public boolean isIdle() {
        return underWay.get() == 0;
    }

    @Override
    public void limit(CallLoop loop) {
        life = new ConnectionLife(loop, http().http().client(), this::drain);
    }

    @Override
    public @Nullable Duration requestHeadersTimeout() {
        return http().http().client().requestHeadersTimeout();
    }

    private ServedHttp http() {
        return Objects.requireNonNull(slot.current().http(), "a chain that takes connections has HTTP");
    }

    @Override
    public void closed() {
        drain.set(Mark.TOLD);
        ConnectionLife limits = life;
        if (limits != null) {
            limits.end();
        }
        slot.forget(this);
    }

    @Override
    public InboundRequest request(
            CallLoop loop, RequestHead head, boolean endStream, String protocol, InboundRequest.Observer observer) {
        if (refusal != null) {
            throw new IllegalStateException("the connection was refused: " + refusal);
        }
        StreamInfo stream = new StreamInfo();
        stream.inherit(info);
        stream.protocol(protocol);
        stream.startTimeMillis(slot.settings().clock().millis());
        long chance = slot.settings().random().nextLong();
        ServedHttp http = http();
        int most = http.http().client().maxRequestsOfConnection();
        if (requests.incrementAndGet() == most) {
            drain();
        }
        underWay.incrementAndGet();
        ConnectionLife limits = life;
        if (limits != null) {
            limits.requestBegun();
        }
        LocalReply gone = slot.isOver() ? GONE : null;
        return new RoutedRequest(
                http, loop, head, endStream, stream, chance, observer, gone, () -> requestOver(limits));
    }

    private void requestOver(@Nullable ConnectionLife limits) {
        underWay.decrementAndGet();
        if (limits != null) {
            limits.requestOver();
        }
    }
}
