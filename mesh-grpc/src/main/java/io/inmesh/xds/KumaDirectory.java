package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import io.inmesh.inbound.PortTable;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.Dialect.Directory;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One snapshot's destinations: by host name or IP address, then by port. Everything else leaves the mesh, or does not. */
final class KumaDirectory implements Directory {
    private static final String LOCALHOST = "localhost";
    private static final String LOOPBACK_V4 = "127.0.0.1";
    private static final String LOOPBACK_V6 = "::1";
    private static final Choice LOOPBACK =
            new Choice.Passthrough("loopback stays on this machine: Kuma redirects nothing of it");

    private final Map<String, Ports> hosts;
    private final Map<IpAddress, Ports> addresses;
    private final KumaEgress egress;

    private KumaDirectory(Map<String, Ports> hosts, Map<IpAddress, Ports> addresses, KumaEgress egress) {
        this.hosts = hosts;
        this.addresses = addresses;
        this.egress = egress;
    }

    static KumaDirectory of(MeshSnapshot snapshot, KumaEgress egress) {
        Map<String, List<Listener>> byAddress = new LinkedHashMap<>();
        for (Listener listener : snapshot.listeners().values()) {
            IpAddress address = outbound(listener, snapshot);
            if (address != null) {
                byAddress
                        .computeIfAbsent(address.unmapped().toString(), unused -> new ArrayList<>())
                        .add(listener);
            }
        }
        Map<String, Ports> hosts = new HashMap<>();
        snapshot.addresses().forEach((name, addresses) -> hosts.put(name, Ports.of(name, addresses, byAddress)));
        byAddress.keySet().forEach(address -> hosts.put(address, Ports.of(address, List.of(address), byAddress)));
        hosts.put(LOCALHOST, Ports.of(LOCALHOST, List.of(LOOPBACK_V4, LOOPBACK_V6), byAddress));
        hosts.put(LOOPBACK_V4, Ports.of(LOOPBACK_V4, List.of(LOOPBACK_V4), byAddress));
        hosts.put(LOOPBACK_V6, Ports.of(LOOPBACK_V6, List.of(LOOPBACK_V6), byAddress));
        Map<IpAddress, Ports> addresses = new HashMap<>();
        hosts.forEach((host, ports) -> {
            IpAddress address = IpAddress.parse(host);
            if (address != null) {
                addresses.put(address, ports);
            }
        });
        return new KumaDirectory(hosts, addresses, egress);
    }

    /** The address of an outbound listener, or null: outbound ones all have their direction; what is without, or inbound, is the sidecar's own or a server's. */
    private static @Nullable IpAddress outbound(Listener listener, MeshSnapshot snapshot) {
        String address = listener.address();
        if (address == null
                || listener.port() == 0
                || listener.originalDestination()
                || snapshot.inbound().containsKey(listener.name())) {
            return null;
        }
        return IpAddress.parse(address);
    }

    @Override
    public Choice choose(Destination destination) {
        String host = SidecarListeners.canonical(destination.host());
        Ports ports = hosts.get(host);
        return ports == null ? egress.choose(destination, IpAddress.parse(host)) : ports.choose(destination);
    }

    /**
     * On Kubernetes this is where most of the mesh is found: a service's address there is that of its Kubernetes Service, and no control plane's table but the
     * cluster's DNS has its name.
     */
    @Override
    public @Nullable Choice at(Destination destination, IpAddress address) {
        Ports ports = addresses.get(address.unmapped());
        Choice choice = ports == null ? null : ports.choose(destination);
        return choice instanceof Choice.Passthrough ? null : choice;
    }

    /** The listeners of one host. */
    private static final class Ports {
        private final PortTable<Choice> choices;
        private final Choice otherwise;
        private final Choice secure;

        /**
         * The ports of a host.
         *
         * @param otherwise for a port without listener
         * @param secure    for an application's own TLS to a port with one
         */
        private Ports(PortTable<Choice> choices, Choice otherwise, Choice secure) {
            this.choices = choices;
            this.otherwise = otherwise;
            this.secure = secure;
        }

        static Ports of(String host, List<String> addresses, Map<String, List<Listener>> byAddress) {
            Map<Integer, Choice> byPort = new TreeMap<>();
            for (String address : addresses) {
                for (Listener listener : byAddress.getOrDefault(canonical(address), List.of())) {
                    byPort.putIfAbsent(listener.port(), ListenerChoices.of(listener));
                }
            }
            return new Ports(
                    new PortTable<>(byPort),
                    isLoopback(host)
                            ? LOOPBACK
                            : new Choice.Refused(noListener(host, addresses, List.copyOf(byPort.keySet()))),
                    new Choice.Refused(
                            host
                                    + " is in the mesh, which protects what goes there with its own TLS: ask for it by http, not https"));
        }

        private static String canonical(String address) {
            IpAddress parsed = IpAddress.parse(address);
            return parsed == null ? "" : parsed.unmapped().toString();
        }

        private static boolean isLoopback(String host) {
            return host.equals(LOCALHOST) || host.equals(LOOPBACK_V4) || host.equals(LOOPBACK_V6);
        }

        private static String noListener(String host, List<String> addresses, List<Integer> ports) {
            String text = host + " is in the mesh"
                    + (addresses.contains(host) ? "" : " with the address " + String.join(", ", addresses))
                    + ", and has listeners on the ports " + ports + " only";
            return ports.equals(List.of(80))
                    ? text
                            + "; where there are no MeshServices, Kuma gives each service port 80, whatever port its application has"
                    : text;
        }

        Choice choose(Destination destination) {
            Choice choice = choices.get(destination.port());
            if (choice == null) {
                return otherwise;
            }
            return destination.scheme().equals("https") ? secure : choice;
        }
    }
}
