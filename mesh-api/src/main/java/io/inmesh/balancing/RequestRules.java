package io.inmesh.balancing;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.Discovery.DynamicForwardProxy;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.model.Cluster.DnsFamily;
import io.inmesh.model.Endpoint;
import io.inmesh.model.TransportSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster says of hosts that its requests name.
 *
 * @param discovery    how they name them
 * @param transport    what lies below HTTP on connections to them: no endpoint's metadata can match anything, so it is one for all
 * @param family       which addresses of a host name count; null for all
 * @param failureNanos for how long a name without an address is not asked for again
 * @param queryNanos   how long a resolver has for a name without an address; 0: as long as it likes
 * @param idleNanos    a host that is not used for so long goes
 * @param sweepNanos   how often such hosts are looked for
 * @param limit        how many hosts there may be
 * @param refuses      whether a request beyond the limit is refused; else an unused host makes room for its own
 */
record RequestRules(
        Discovery discovery,
        TransportSocket transport,
        @Nullable DnsFamily family,
        long failureNanos,
        long queryNanos,
        long idleNanos,
        long sweepNanos,
        int limit,
        boolean refuses) {
    /** Envoy has no limit of original destinations; here memory has one. */
    private static final int MOST_DESTINATIONS = 4096;

    private static final Endpoint ANY = Endpoint.of("", 1);
    private static final LocalityEndpoints NOWHERE = new LocalityEndpoints(Locality.UNKNOWN, 0, 0, List.of());

    /** The rules of a cluster whose requests name their hosts; null for any other. */
    static @Nullable RequestRules of(Cluster cluster) {
        TransportSocket transport = cluster.transportFor(ANY, NOWHERE);
        if (cluster.discovery() instanceof OriginalDestination original) {
            long cleanup = nanos(original.cleanup());
            // Envoy keeps a host for as long as there is a connection to it, which an unused one loses by its idle
            // timeout.
            Duration idle = cluster.http().idleTimeout();
            long idleNanos = idle == null ? Long.MAX_VALUE : Math.max(cleanup, nanos(idle));
            return new RequestRules(original, transport, null, 0, 0, idleNanos, cleanup, MOST_DESTINATIONS, false);
        }
        if (cluster.discovery() instanceof DynamicForwardProxy proxy) {
            return new RequestRules(
                    proxy,
                    transport,
                    proxy.family(),
                    nanos(proxy.failureRefresh()),
                    nanos(proxy.queryTimeout()),
                    nanos(proxy.hostTtl()),
                    // "The TTL is only checked at the time of DNS refresh."
                    Math.min(nanos(proxy.refresh()), nanos(proxy.hostTtl())),
                    proxy.maxHosts(),
                    true);
        }
        return null;
    }

    /** Whether hosts made by these rules are what the others would make, but for the transport, which can change. */
    boolean namesAs(RequestRules others) {
        return discovery.equals(others.discovery) && isSecure() == others.isSecure();
    }

    private boolean isSecure() {
        return !(transport instanceof TransportSocket.Plaintext);
    }

    private static long nanos(Duration duration) {
        return TimeUnit.NANOSECONDS.convert(duration);
    }

    /** The host that a request names, or null if it names none. */
    @Nullable
    RequestedAddress address(PickContext context) {
        return discovery instanceof OriginalDestination original
                ? RequestedAddress.of(original, context)
                : RequestedAddress.of(context, isSecure());
    }

    Host newHost(RequestedAddress address, MeshNames names, LongSupplier nanoClock) {
        String host = address.host();
        HostName name = IpAddress.parse(host) != null
                ? null
                : new HostName(host, family, failureNanos, queryNanos, names, nanoClock);
        // As in Envoy, where a host of a dynamic forward proxy is called by name and port.
        String hostname = discovery instanceof DynamicForwardProxy ? address.toString() : null;
        Endpoint endpoint = new Endpoint(host, address.port(), 1, Endpoint.Health.HEALTHY, hostname, Map.of());
        return new Host(endpoint, transport, Locality.UNKNOWN, 0, name);
    }
}
