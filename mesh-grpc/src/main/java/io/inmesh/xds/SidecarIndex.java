package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.CidrRange;
import io.inmesh.model.Endpoint.AdditionalAddress;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.Listener;
import io.inmesh.model.Listener.TcpChain;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files a snapshot's listeners by port and host. In a pod, DNS has turned a host's name into an address before Envoy sees a connection; here the address of a name is
 * known from the mesh's own table of names, or else the listener of a service's own address is found by the names of that service: the domains of its virtual
 * hosts, and, as istiod gives such a listener mostly the domain {@code *} and one for TCP none, the host in the name of its cluster.
 */
final class SidecarIndex {
    private static final String ANY_LABEL = "*.";

    private final MeshSnapshot snapshot;
    private final String namespace;
    private final String domain;
    private final boolean passthrough;
    private final Map<Integer, SidecarPort> ports = new TreeMap<>();
    /** By the address that they are bound to. */
    private final Map<IpAddress, List<Bound>> own = new LinkedHashMap<>();

    private final List<Listener> everywhere = new ArrayList<>();
    private final List<SidecarPort> byAddress = new ArrayList<>();
    private @Nullable SidecarTarget outside;

    SidecarIndex(MeshSnapshot snapshot, String namespace, String domain, boolean passthrough) {
        this.snapshot = snapshot;
        this.namespace = namespace;
        this.domain = domain;
        this.passthrough = passthrough;
    }

    private record Bound(Listener listener, IpAddress address, int port, SidecarTarget target) {
        boolean isOfLoopback() {
            return SidecarListeners.isLoopback(address.toString());
        }
    }

    /** No name leads to loopback, but where nothing is redirected all listeners are bound there, and applications go to them in place of the services. */
    private boolean standsForAll(Bound bound) {
        return bound.isOfLoopback() && port(bound.port()).every(true) == null;
    }

    SidecarListeners listeners() {
        // By name, so that of two that claim a host it is always the same one that has it.
        List<Listener> listeners = new ArrayList<>();
        new TreeMap<>(snapshot.listeners())
                .values().stream()
                        .filter(listener -> !isForServersOnly(listener))
                        .forEach(listeners::add);
        listeners.stream()
                .filter(Listener::originalDestination)
                .findFirst()
                .ifPresent(listener -> outside = target(listener, false));
        listeners.stream().filter(listener -> !listener.originalDestination()).forEach(this::add);
        ports.values().stream().filter(SidecarPort::needsAddress).forEach(byAddress::add);
        snapshot.addresses().forEach((name, addresses) -> {
            if (name.startsWith(ANY_LABEL)) {
                addSuffix(name, addresses);
            }
        });
        own.values()
                .forEach(bound ->
                        bound.stream().filter(each -> !each.isOfLoopback()).forEach(this::addNames));
        everywhere.forEach(this::addServices);
        own.values().forEach(bound -> bound.stream().filter(this::standsForAll).forEach(this::addNames));
        return new SidecarListeners(ports, snapshot.addresses(), outside, unknown());
    }

    private boolean isForServersOnly(Listener listener) {
        return snapshot.inbound().containsKey(listener.name())
                && listener.http() == null
                && listener.tcp().isEmpty();
    }

    /** A listener, for the hosts of its services only or for all. */
    private SidecarTarget target(Listener listener, boolean ofItsHosts) {
        boolean anyHost = ofItsHosts || passthrough || (outside != null && outside.letsTlsThrough());
        return SidecarTarget.of(listener, snapshot, new ChainOutcome.Rules(passthrough, anyHost));
    }

    private void add(Listener listener) {
        add(listener, listener.address(), listener.port());
        for (AdditionalAddress more : listener.additional()) {
            add(listener, more.address(), more.port());
        }
    }

    private void add(Listener listener, @Nullable String text, int at) {
        IpAddress address = text == null ? null : IpAddress.parse(text);
        if (address == null) {
            return;
        }
        SidecarPort port = port(at);
        if (address.high() != 0 || address.low() != 0) {
            Bound bound =
                    new Bound(listener, address, at, target(listener, true).boundTo(address));
            own.computeIfAbsent(address, unused -> new ArrayList<>()).add(bound);
            port.host(address.unmapped().toString(), bound.target());
            return;
        }
        port.every(address.v4(), target(listener, false));
        if (!everywhere.contains(listener)) {
            everywhere.add(listener);
        }
    }

    private SidecarPort port(int number) {
        return ports.computeIfAbsent(number, unused -> new SidecarPort());
    }

    /**
     * A wildcard of the mesh's own table: at each port it takes the listener of its first address that has one there. All other names of the table, of which there are
     * several for each service, are looked up when a request names them.
     */
    private void addSuffix(String name, List<String> addresses) {
        String host = SidecarListeners.canonical(name);
        for (String text : addresses) {
            IpAddress address = IpAddress.parse(text);
            for (Bound bound : own.getOrDefault(address, List.of())) {
                file(port(bound.port()), host, bound.target());
            }
        }
        IpAddress first = addresses.isEmpty() ? null : IpAddress.parse(addresses.get(0));
        if (first != null) {
            for (SidecarPort port : byAddress) {
                SidecarTarget every = port.every(first.v4());
                if (every != null) {
                    file(port, host, every.at(first));
                }
            }
        }
    }

    private void addNames(Bound bound) {
        HttpConnectionManager http = bound.listener().http();
        RouteTable table = http == null ? null : snapshot.routeTables().get(http.routeTable());
        if (table != null) {
            for (VirtualHost host : table.virtualHosts()) {
                host.domains().forEach(domain -> addName(bound, domain.toLowerCase(Locale.ROOT)));
            }
        }
        for (TcpChain chain : bound.listener().tcp()) {
            namesOfClusters(chain).forEach(name -> addName(bound, name));
        }
    }

    /** The services that a listener for all addresses sends connections to, by their port alone or by ranges of addresses: these hosts at least are theirs. */
    private void addServices(Listener listener) {
        SidecarTarget ofItsHosts = null;
        for (TcpChain chain : listener.tcp()) {
            List<String> names = chain.match().serverNames().isEmpty() ? namesOfClusters(chain) : List.of();
            if (!names.isEmpty()) {
                ofItsHosts = ofItsHosts == null ? target(listener, true) : ofItsHosts;
                List<CidrRange> ranges = chain.match().prefixRanges();
                SidecarTarget there =
                        ofItsHosts.at(ranges.isEmpty() ? null : ranges.get(0).address());
                names.forEach(name -> file(port(listener.port()), name, there));
            }
        }
    }

    private List<String> namesOfClusters(TcpChain chain) {
        return chain.clusters().stream()
                .flatMap(cluster -> ClusterHost.names(cluster, namespace, domain).stream())
                .toList();
    }

    /** What the table of names knows has been filed by its address, or has no listener of its own; one of loopback is nobody's own, and takes it too. */
    private void addName(Bound bound, String domain) {
        int colon = domain.lastIndexOf(':');
        String host = SidecarListeners.canonical(
                colon > 0 && colon == domain.indexOf(':') ? domain.substring(0, colon) : domain);
        if (!host.equals("*") && (bound.isOfLoopback() || !snapshot.addresses().containsKey(host))) {
            file(port(bound.port()), host, bound.target());
        }
    }

    private static void file(SidecarPort port, String host, SidecarTarget target) {
        if (host.startsWith(ANY_LABEL)) {
            port.suffix(host.substring(1), target);
        } else {
            port.host(host, target);
        }
    }

    private Choice unknown() {
        return passthrough
                ? SidecarListeners.STRAIGHT
                : Choice.Refused.unknown("no outbound listener takes this port (there are listeners on "
                        + ports.keySet() + "), and there is none for all others, as istiod's virtualOutbound");
    }
}
