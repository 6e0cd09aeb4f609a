package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.PortTable;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.Dialect.Directory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sidecar's outbound listeners, found as the kernel and Envoy find them for a connection that is redirected. */
final class SidecarListeners implements Directory {
    static final Choice STRAIGHT = new Choice.Passthrough("no service has it, and the application allows passthrough");

    private static final Choice LOOPBACK = new Choice.Passthrough(
            "connections to loopback are not redirected to a sidecar, and no listener is bound there");

    private final PortTable<SidecarPort> ports;
    private final Map<String, List<String>> names;
    private final @Nullable SidecarTarget outside;
    private final Choice unknown;

    /**
     * Listeners.
     *
     * @param names   the addresses of host names that the mesh knows
     * @param outside takes what has none of its own, or null
     * @param unknown the answer where that is missing too
     */
    SidecarListeners(
            Map<Integer, SidecarPort> ports,
            Map<String, List<String>> names,
            @Nullable SidecarTarget outside,
            Choice unknown) {
        this.ports = new PortTable<>(ports);
        this.names = names;
        this.outside = outside;
        this.unknown = unknown;
    }

    @Override
    public Choice choose(Destination destination) {
        String host = canonical(destination.host());
        SidecarPort port = ports.get(destination.port());
        List<String> addresses = port == null ? null : names.get(host);
        SidecarTarget target =
                port == null || addresses == null || addresses.isEmpty() ? null : port.at(host, addresses);
        if (target == null && port != null) {
            target = port.own(host);
        }
        if (target == null && isLoopback(host)) {
            // Whoever names this machine finds what is bound to its address.
            target = port == null || !host.equals("localhost") ? null : port.own("127.0.0.1");
            return target == null ? LOOPBACK : target.choose(destination, host);
        }
        if (target == null && port != null) {
            target = port.every(host.indexOf(':') < 0);
        }
        if (target == null) {
            target = outside;
        }
        return target == null ? unknown : target.choose(destination, host);
    }

    @Override
    public @Nullable Choice at(Destination destination, IpAddress address) {
        IpAddress there = address.unmapped();
        String text = there.toString();
        String host = canonical(destination.host());
        SidecarPort port = ports.get(destination.port());
        SidecarTarget own = port == null ? null : port.own(text);
        if (own != null) {
            return unlessStraight(own.choose(destination, host, there));
        }
        SidecarTarget every = port == null ? null : port.every(there.v4());
        every = every == null ? outside : every;
        if (every == null || !every.needsAddress() || isLoopback(text)) {
            return null;
        }
        // A listener for all addresses was asked before, without an address: only what that changes is news.
        Choice choice = every.choose(destination, host, there);
        return choice.equals(every.choose(destination, host)) ? null : unlessStraight(choice);
    }

    private static @Nullable Choice unlessStraight(Choice choice) {
        return choice instanceof Choice.Passthrough ? null : choice;
    }

    /** The one way to write a host: a name without the dot of the root, an IPv6 address as RFC 5952 has it, and as IPv4 where it is mapped. */
    static String canonical(String host) {
        if (host.indexOf(':') >= 0) {
            IpAddress address = IpAddress.parse(host);
            return address == null ? host : address.unmapped().toString();
        }
        int last = host.length() - 1;
        return last > 0 && host.charAt(last) == '.' ? host.substring(0, last) : host;
    }

    /** The addresses that istio-iptables names. Of IPv4's loopback network that is one; the others stand for other machines where a mesh runs on one. */
    static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("::1");
    }
}
