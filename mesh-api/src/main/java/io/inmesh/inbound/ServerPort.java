package io.inmesh.inbound;

import io.inmesh.MeshException;
import io.inmesh.model.InboundListener.Inspection;
import io.inmesh.snapshot.ConfigurationSource.Interest;
import io.inmesh.snapshot.Dialect.BoundAddress;
import io.inmesh.snapshot.ResourceName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A port of the application's. What counts for it is behind one volatile reference; only the engine writes it. */
final class ServerPort implements InboundPort {
    private final InboundEngine engine;
    private final BoundAddress address;
    private volatile State state;

    /** What was asked for by name on its behalf. Guarded by the engine. */
    @Nullable
    ResourceName wanted;

    /** The wish for {@link #wanted}. Guarded by the engine. */
    @Nullable
    Interest interest;

    ServerPort(InboundEngine engine, BoundAddress address) {
        this.engine = engine;
        this.address = address;
        this.state = new State(null, "waits for its configuration");
    }

    /**
     * What counts now.
     *
     * @param listener null if there is none: connections are refused
     * @param reason   why there is none
     */
    record State(@Nullable ServedListener listener, String reason) {}

    BoundAddress address() {
        return address;
    }

    void state(State next) {
        state = next;
    }

    boolean isReady() {
        ServedListener listener = state.listener();
        return listener != null && listener.listener().unusable() == null;
    }

    @Override
    public ChainChoice choose(ConnectionArrival arrival) {
        State now = state;
        ChainChoice choice = now.listener() == null
                ? new ChainChoice.Refused(now.reason())
                : now.listener().choose(arrival);
        if (choice instanceof ChainChoice.Refused refused) {
            RefusalLog.SHARED.arrival(arrival, refused.reason());
        }
        return choice;
    }

    @Override
    public boolean inspects() {
        ServedListener listener = state.listener();
        return listener != null && listener.inspects();
    }

    @Override
    public Inspection inspection() {
        ServedListener listener = state.listener();
        return listener == null ? Inspection.DEFAULT : listener.listener().inspection();
    }

    @Override
    public String status() {
        State now = state;
        return "port " + address + ": "
                + (now.listener() == null
                        ? "all connections are refused: " + now.reason()
                        : now.listener().describe());
    }

    @Override
    public void awaitReady(Duration timeout) throws MeshException, InterruptedException {
        engine.awaitReady(this, timeout);
    }

    @Override
    public void close() {
        engine.close(this);
    }
}
