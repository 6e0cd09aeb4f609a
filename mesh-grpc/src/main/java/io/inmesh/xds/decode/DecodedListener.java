package io.inmesh.xds.decode;

import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.model.RouteTable;
import io.inmesh.model.SecretName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A listener and what it brings along.
 *
 * @param listener the listener as those see it who send requests
 * @param inbound  the same as a server sees it, or null if it is none
 * @param routes   its own route table, filed under the name that the listener's connection manager has; null if it comes by RDS
 * @param inboundRoutes the own route tables of the filter chains of {@code inbound}, filed likewise
 * @param addresses the addresses of host names that it tells of, by name in lower case; null if what it tells cannot be read, and what it told before holds
 */
public record DecodedListener(
        Listener listener,
        @Nullable InboundListener inbound,
        @Nullable RouteTable routes,
        List<RouteTable> inboundRoutes,
        @Nullable Map<String, List<String>> addresses) {

    /** A listener that tells of no host names. */
    public DecodedListener(
            Listener listener,
            @Nullable InboundListener inbound,
            @Nullable RouteTable routes,
            List<RouteTable> inboundRoutes) {
        this(listener, inbound, routes, inboundRoutes, Map.of());
    }

    /** A listener that is none of a server. */
    public DecodedListener(Listener listener, @Nullable RouteTable routes) {
        this(listener, null, routes, List.of());
    }

    /** The secrets that the TLS of its filter chains names. */
    public Set<SecretName> secrets() {
        return inbound == null ? Set.of() : inbound.secrets();
    }
}
