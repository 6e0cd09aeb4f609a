package io.inmesh.balancing;

import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.Health;
import io.inmesh.model.TransportSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The living side of an endpoint of a cluster. It is the same object for as long as the cluster names the address, whatever else changes, so counts
 * and connections survive configuration.
 *
 * <p>Thread-safe.
 */
public final class Host {
    private final String address;
    private final int port;
    private final String text;
    private final @Nullable HostName name;
    private final AtomicInteger activeRequests = new AtomicInteger();
    private volatile Endpoint endpoint;
    private volatile TransportSocket transport;
    private volatile Locality locality;
    private volatile int priority;
    private volatile boolean ejected;
    private volatile boolean retired;

    Host(Endpoint endpoint, TransportSocket transport, Locality locality, int priority) {
        this(endpoint, transport, locality, priority, null);
    }

    Host(Endpoint endpoint, TransportSocket transport, Locality locality, int priority, @Nullable HostName name) {
        this.address = endpoint.address();
        this.port = endpoint.port();
        this.text = address.indexOf(':') < 0 ? address + ":" + port : "[" + address + "]:" + port;
        this.name = name;
        this.endpoint = endpoint;
        this.transport = transport;
        this.locality = locality;
        this.priority = priority;
    }

    /** IP address in textual form, or the name of a {@linkplain #name() named} host. */
    public String address() {
        return address;
    }

    /** Where the addresses of a host come from that requests name by a host name; null for all other hosts, whose address is known. */
    public @Nullable HostName name() {
        return name;
    }

    /** 1 to 65535. */
    public int port() {
        return port;
    }

    /** Its newest configuration. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** What lies below HTTP on a new connection to it; the same object as long as nothing in it changes. */
    public TransportSocket transport() {
        return transport;
    }

    /** Where it is. */
    public Locality locality() {
        return locality;
    }

    /** Its priority, 0 first. */
    public int priority() {
        return priority;
    }

    /** Its health as balancers see it: what the control plane says, unless the data plane itself has {@linkplain #ejected() ejected} it. */
    public Health health() {
        return health(endpoint);
    }

    /** The same for another entry of its address in the endpoint list: the entry has its own health, but an ejection is the host's. */
    Health health(Endpoint entry) {
        return ejected && entry.health() != Health.DRAINING ? Health.UNHEALTHY : entry.health();
    }

    /** Whether the data plane itself has taken it out of the choice. */
    public boolean ejected() {
        return ejected;
    }

    /** Requests that it has been given and that are not over. */
    public AtomicInteger activeRequests() {
        return activeRequests;
    }

    /** Whether its cluster no longer names it: it gets no new request, and its idle connections are closed. */
    public boolean retired() {
        return retired;
    }

    /** Returns whether connections that it has are outdated. */
    boolean update(Endpoint newEndpoint, TransportSocket newTransport, Locality newLocality, int newPriority) {
        boolean outdated = !newTransport.equals(transport);
        endpoint = newEndpoint;
        transport = outdated ? newTransport : transport;
        locality = newLocality;
        priority = newPriority;
        return outdated;
    }

    void ejected(boolean nowEjected) {
        ejected = nowEjected;
    }

    void retire() {
        retired = true;
    }

    /** Address and port as {@code host:port}, always the same object. */
    @Override
    public String toString() {
        return text;
    }
}
