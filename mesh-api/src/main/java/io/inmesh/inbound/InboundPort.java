package io.inmesh.inbound;

import io.inmesh.model.InboundListener.Inspection;
import java.time.Duration;

/** One bound port of the application's server. Thread-safe. */
public interface InboundPort extends AutoCloseable {

    /**
     * Chooses the chain for a connection that was accepted, once. Takes no lock and does no I/O.
     *
     * @param arrival what is known of it before any handshake
     */
    ChainChoice choose(ConnectionArrival arrival);

    /** Whether the choice needs the first bytes of a connection: the transport protocol, a ClientHello, or the protocol in the clear. */
    boolean inspects();

    /** How long a server that reads the wire waits for them, and what becomes of the connection then. */
    Inspection inspection();

    /** In words for people: which listener serves, what is awaited, or why connections are refused. */
    String status();

    /**
     * Blocks until the first configuration for this port is in force, with all that it needs but the secrets of its TLS, for which
     * {@link io.inmesh.Mesh#awaitReady} waits: until they are there, connections by TLS wait, and none is served in the clear in their place.
     *
     * @throws io.inmesh.MeshException if it did not come in time; the message says what is missing
     */
    void awaitReady(Duration timeout) throws io.inmesh.MeshException, InterruptedException;

    /** Ends the interest in the port. Its connections go on. */
    @Override
    void close();
}
