package io.inmesh.xds;

import io.inmesh.exchange.IpAddress;
import io.inmesh.model.Listener;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.protocol.ResourceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Listeners by port, as a client behind a sidecar finds them. */
record EnvoyDialect(boolean passthrough) implements XdsDialect {
    private static final Choice STRAIGHT =
            new Choice.Passthrough("no listener takes it, and the application allows passthrough");

    @Override
    public String name() {
        return "envoy";
    }

    @Override
    public Set<ResourceKind> wildcards() {
        return Set.of(ResourceKind.LISTENER, ResourceKind.CLUSTER);
    }

    @Override
    public XdsDialect withPassthrough() {
        return new EnvoyDialect(true);
    }

    @Override
    public Directory index(MeshSnapshot snapshot) {
        Map<Integer, List<Bound>> byPort = new TreeMap<>();
        List<Listener> api = new ArrayList<>();
        for (Listener listener : snapshot.listeners().values()) {
            if (listener.address() == null) {
                api.add(listener);
                continue;
            }
            bound(listener, listener.address(), listener.port(), byPort);
            listener.additional().forEach(each -> bound(listener, each.address(), each.port(), byPort));
        }
        int[] ports = byPort.keySet().stream().mapToInt(Integer::intValue).toArray();
        Port[] choices = byPort.values().stream().map(EnvoyDialect::port).toArray(Port[]::new);
        Choice otherwise = api.size() == 1 ? ListenerChoices.of(api.get(0)) : unknown(ports);
        return new ByPort(ports, choices, otherwise);
    }

    @Override
    public Binding bind(MeshSnapshot snapshot, BoundAddress address) {
        return ServerListeners.bind(snapshot.inbound().values(), address);
    }

    private Choice unknown(int[] ports) {
        if (passthrough) {
            return STRAIGHT;
        }
        String known = ports.length > 20 ? ports.length + " ports" : Arrays.toString(ports);
        return Choice.Refused.unknown("no outbound listener takes this port (there are listeners on " + known
                + "); address a port that the control plane configures, or allow passthrough");
    }

    private static void bound(Listener listener, String address, int port, Map<Integer, List<Bound>> byPort) {
        if (port != 0) {
            byPort.computeIfAbsent(port, unused -> new ArrayList<>())
                    .add(new Bound(listener, SidecarListeners.canonical(address)));
        }
    }

    private static Port port(List<Bound> bound) {
        Map<String, Choice> byAddress = new HashMap<>();
        bound.forEach(each -> byAddress.put(each.address(), ListenerChoices.of(each.listener())));
        List<Listener> listeners =
                bound.stream().map(Bound::listener).distinct().toList();
        Choice any = byAddress.get("0.0.0.0");
        if (any == null) {
            any = byAddress.get("::");
        }
        if (any == null && listeners.size() == 1) {
            // A host name says nothing about the address that a listener is bound to, such as loopback for an egress
            // listener.
            any = ListenerChoices.of(listeners.get(0));
        }
        if (any == null) {
            any = new Choice.Refused("several listeners share this port, none of them for all addresses: "
                    + listeners.stream().map(Listener::name).sorted().toList() + "; use the IP address of one of them");
        }
        return new Port(byAddress, any);
    }

    /** A listener at one of its addresses. */
    private record Bound(Listener listener, String address) {}

    private record Port(Map<String, Choice> byAddress, Choice otherwise) {}

    /** Ports in ascending order with what they take. */
    private static final class ByPort implements Directory {
        private final int[] ports;
        private final Port[] choices;
        private final Choice otherwise;

        ByPort(int[] ports, Port[] choices, Choice otherwise) {
            this.ports = ports;
            this.choices = choices;
            this.otherwise = otherwise;
        }

        @Override
        public Choice choose(Destination destination) {
            if (destination.scheme().equals("https")) {
                return ListenerChoices.OWN_TLS;
            }
            int index = Arrays.binarySearch(ports, destination.port());
            if (index < 0) {
                return otherwise;
            }
            Choice exact = choices[index].byAddress().get(SidecarListeners.canonical(destination.host()));
            return exact == null ? choices[index].otherwise() : exact;
        }

        @Override
        public @Nullable Choice at(Destination destination, IpAddress address) {
            int index = Arrays.binarySearch(ports, destination.port());
            return index < 0 || destination.scheme().equals("https")
                    ? null
                    : choices[index].byAddress().get(address.unmapped().toString());
        }
    }
}
