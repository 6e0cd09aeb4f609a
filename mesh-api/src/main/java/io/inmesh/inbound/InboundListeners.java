package io.inmesh.inbound;

import io.inmesh.snapshot.Dialect;

/**
 * The server side of a mesh: {@code Mesh.inbound()}. A server asks once for the port that it has bound and keeps the answer, which is always that of the
 * newest configuration.
 *
 * <p>Thread-safe.
 */
public interface InboundListeners {

    /**
     * What happens to the connections of a server. Before its configuration has come, and if the control plane has none for it, connections are refused; which of
     * the two it is, {@link InboundPort#status} tells.
     *
     * @param address where the server is bound
     */
    InboundPort port(Dialect.BoundAddress address);
}
