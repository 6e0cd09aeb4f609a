package io.inmesh.inbound;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.model.DownstreamTls;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A filter chain over all its versions, with the connections that took it. Thread-safe. */
final class ChainSlot implements ChainChoice.Accepted {
    private static final long IN_FORCE = Long.MAX_VALUE;

    private final InboundSettings settings;
    private final String label;
    private final Set<LiveConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile ServedChain chain;

    /** When nothing took its place, on the wall clock; {@link #IN_FORCE} before. */
    private volatile long retiredAtMillis = IN_FORCE;

    ChainSlot(InboundSettings settings, String label, ServedChain chain) {
        this.settings = settings;
        this.label = label;
        this.chain = chain;
    }

    /** What becomes of a connection that takes the chain. */
    ChainChoice choice() {
        String refusal = chain.refusal();
        return refusal == null ? this : new ChainChoice.Refused("filter chain " + label + ": " + refusal);
    }

    InboundSettings settings() {
        return settings;
    }

    ServedChain current() {
        return chain;
    }

    /** A new version: counts for the next connection and the next request. */
    void replace(ServedChain next) {
        chain = next;
    }

    /** No connection takes it any more; those that did are drained. */
    void retire() {
        retiredAtMillis = settings.clock().millis();
        connections.forEach(LiveConnection::drain);
    }

    boolean isRetired() {
        return retiredAtMillis != IN_FORCE;
    }

    /** Whether its connections have had the time to finish: what it knew of policies is not true any more, and lets nobody in. */
    boolean isOver() {
        return isRetired() && settings.clock().millis() - retiredAtMillis >= InboundConnection.DRAIN_TIMEOUT.toMillis();
    }

    @Override
    public String chain() {
        return label;
    }

    @Override
    public @Nullable DownstreamTls tls() {
        return chain.config().tls();
    }

    @Override
    public InboundConnection established(DownstreamConnection facts) {
        LiveConnection connection = new LiveConnection(this, facts);
        if (connection.refusal() == null) {
            connections.add(connection);
            // Added first, looked second, as retire() does it the other way round: one of the two sees the other.
            if (isRetired()) {
                connection.drain();
            }
        }
        return connection;
    }

    void forget(LiveConnection connection) {
        connections.remove(connection);
    }

    int connections() {
        return connections.size();
    }
}
