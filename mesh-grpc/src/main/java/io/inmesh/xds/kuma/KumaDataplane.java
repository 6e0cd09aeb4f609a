package io.inmesh.xds.kuma;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a mesh of Kuma knows of this process: the resource {@code Dataplane}. Immutable.
 *
 * <p>With a {@linkplain TransparentProxy transparent proxy}, which is what a builder begins with, kuma-cp gives every service an address and host
 * names, as in {@code http://orders.svc.mesh.local:18080/}; nothing is redirected for it. With {@linkplain Builder#outbound outbounds} it gives those
 * addresses and ports only that are listed.
 *
 * @param mesh             the mesh
 * @param name             unique in the mesh
 * @param labels           of the Dataplane; {@code kuma.io/workload} names the workload, from which MeshIdentity makes the identity
 * @param address          the IP address of this process; not 0.0.0.0
 * @param inbounds         what this process serves
 * @param outbounds        what it calls, where it is not known to have a transparent proxy
 * @param transparentProxy what it may reach by host name, or null to have {@code outbounds} only
 */
public record KumaDataplane(
        String mesh,
        String name,
        Map<String, String> labels,
        String address,
        List<Inbound> inbounds,
        List<Outbound> outbounds,
        @Nullable TransparentProxy transparentProxy) {
    static final String WORKLOAD = "kuma.io/workload";
    /** {@code TCPPortReserved} of Kuma: never listened on. */
    private static final int RESERVED_PORT = 49151;

    /** Takes copies. */
    public KumaDataplane {
        labels = Ordered.copy(labels);
        inbounds = List.copyOf(inbounds);
        outbounds = List.copyOf(outbounds);
    }

    /** Whether an inbound takes requests. */
    public enum State {
        /** It is an endpoint for others. */
        READY("Ready"),
        /** It is there and no endpoint for others. */
        NOT_READY("NotReady"),
        /** It is there for nobody. */
        IGNORED("Ignored");

        private final String text;

        State(String text) {
            this.text = text;
        }
    }

    /**
     * A port that this process serves itself, in mesh TLS where the mesh says so.
     *
     * @param port     where it listens, at the Dataplane's address
     * @param name     of the port, by which MeshServices and policies may name it; or empty
     * @param protocol {@code http}, {@code http2}, {@code grpc} or {@code tcp}
     * @param tags     of Kuma 2; {@code kuma.io/service} is needed if there is any, and {@code kuma.io/protocol} repeats the protocol. Kuma 3 has none
     * @param state    whether it takes requests
     */
    public record Inbound(int port, String name, String protocol, Map<String, String> tags, State state) {
        /** Takes a copy. */
        public Inbound {
            tags = Ordered.copy(tags);
        }

        /** A port without tags that is ready. */
        public Inbound(int port, String name, String protocol) {
            this(port, name, protocol, Map.of(), State.READY);
        }

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("port", port);
            if (!name.isEmpty()) {
                fields.put("name", name);
            }
            fields.put("protocol", protocol);
            if (!tags.isEmpty()) {
                fields.put("tags", tags);
            }
            if (state != State.READY) {
                fields.put("state", state.text);
            }
            return fields;
        }
    }

    /**
     * What kuma-cp itself puts into the Dataplane of a pod that serves nothing. Without any inbound no policy is for a workload, not even those that it has for all calls
     * ({@code DppSelectedByPolicy}), and without its tags Kuma 2.14 holds it for one that may reach nothing by host name.
     */
    private static final Inbound SERVICELESS = new Inbound(RESERVED_PORT, "", "tcp");

    /**
     * An address of this process's own that leads to a backend.
     *
     * @param address 127.0.0.1 unless another is given
     * @param port    the port
     * @param backend the backend, or null for the service of Kuma 2 that {@code tags} name
     * @param tags    {@code kuma.io/service} and what else chooses among its instances; empty beside a backend
     */
    public record Outbound(
            String address, int port, @Nullable Backend backend, Map<String, String> tags) {
        /** Takes a copy. */
        public Outbound {
            tags = Ordered.copy(tags);
        }

        /** To a service of Kuma 2 that is known by its tag only. */
        public static Outbound toService(int port, String service) {
            return new Outbound("127.0.0.1", port, null, Map.of("kuma.io/service", service));
        }

        /** To a MeshService. */
        public static Outbound to(int port, Backend backend) {
            return new Outbound("127.0.0.1", port, backend, Map.of());
        }

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("address", address);
            fields.put("port", port);
            if (backend != null) {
                fields.put("backendRef", backend.fields());
            }
            if (!tags.isEmpty()) {
                fields.put("tags", tags);
            }
            return fields;
        }
    }

    /**
     * A MeshService, MeshMultiZoneService or MeshExternalService.
     *
     * @param kind   one of these
     * @param name   its name, or empty where labels choose
     * @param port   its port; 0 for all of its ports, which only {@link TransparentProxy} takes
     * @param labels choose several, instead of a name
     */
    public record Backend(String kind, String name, int port, Map<String, String> labels) {
        /** Takes a copy. */
        public Backend {
            labels = Ordered.copy(labels);
        }

        /** A MeshService by name. */
        public static Backend meshService(String name, int port) {
            return new Backend("MeshService", name, port, Map.of());
        }

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("kind", kind);
            if (!name.isEmpty()) {
                fields.put("name", name);
            }
            if (port != 0) {
                fields.put("port", port);
            }
            if (!labels.isEmpty()) {
                fields.put("labels", labels);
            }
            return fields;
        }
    }

    /**
     * What may be reached by host name. Less is less configuration for kuma-cp to make and for this process to hold.
     *
     * @param reachableServices services of Kuma 2 by their tag; null for all
     * @param reachableBackends backends; null for all
     */
    public record TransparentProxy(
            @Nullable List<String> reachableServices,
            @Nullable List<Backend> reachableBackends) {
        /** kuma-dp's own ports. They mean nothing here, but kuma-cp wants to see some. */
        private static final int INBOUND_PORT = 15006;

        private static final int OUTBOUND_PORT = 15001;

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("redirectPortInbound", INBOUND_PORT);
            fields.put("redirectPortOutbound", OUTBOUND_PORT);
            fields.put("ipFamilyMode", "IPv4");
            if (reachableServices != null) {
                fields.put("reachableServices", reachableServices);
            }
            if (reachableBackends != null) {
                List<Object> refs = new ArrayList<>();
                reachableBackends.forEach(each -> refs.add(each.fields()));
                fields.put("reachableBackends", Map.of("refs", refs));
            }
            return fields;
        }
    }

    /**
     * Begins to describe a Dataplane with a transparent proxy.
     *
     * @param mesh    the mesh
     * @param name    unique in the mesh
     * @param address the IP address of this process
     */
    public static Builder builder(String mesh, String name, String address) {
        return new Builder(mesh, name, address);
    }

    /** The workload, or null if no label names it. */
    public @Nullable String workload() {
        return labels.get(WORKLOAD);
    }

    /** The same Dataplane with all inbounds in another state. */
    public KumaDataplane in(State state) {
        List<Inbound> changed = inbounds.stream()
                .map(each -> new Inbound(each.port(), each.name(), each.protocol(), each.tags(), state))
                .toList();
        return new KumaDataplane(mesh, name, labels, address, changed, outbounds, transparentProxy);
    }

    /** The resource as kuma-cp's API takes it. */
    public String toJson() {
        Map<String, Object> networking = new LinkedHashMap<>();
        networking.put("address", address);
        if (!inbounds.isEmpty()) {
            networking.put("inbound", inbounds.stream().map(Inbound::fields).toList());
        }
        if (!outbounds.isEmpty()) {
            networking.put("outbound", outbounds.stream().map(Outbound::fields).toList());
        }
        if (transparentProxy != null) {
            networking.put("transparentProxying", transparentProxy.fields());
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("type", "Dataplane");
        fields.put("mesh", mesh);
        fields.put("name", name);
        if (!labels.isEmpty()) {
            fields.put("labels", labels);
        }
        fields.put("networking", networking);
        return Json.of(fields);
    }

    /** Describes a Dataplane. Not thread-safe. */
    public static final class Builder {
        private final String mesh;
        private final String name;
        private final String address;
        private final Map<String, String> labels = new LinkedHashMap<>();
        private final Map<String, String> tags = new LinkedHashMap<>();
        private final List<Inbound> inbounds = new ArrayList<>();
        private final List<Outbound> outbounds = new ArrayList<>();
        private @Nullable List<String> reachableServices;
        private @Nullable List<Backend> reachableBackends;

        private Builder(String mesh, String name, String address) {
            this.mesh = mesh;
            this.name = name;
            this.address = address;
        }

        /** The workload: label {@code kuma.io/workload}. */
        public Builder workload(String workload) {
            return label(WORKLOAD, workload);
        }

        /** A label of the Dataplane, by which MeshServices and policies choose in Kuma 3 and in the mode without tags. */
        public Builder label(String key, String value) {
            labels.put(key, value);
            return this;
        }

        /**
         * A tag of all inbounds, for Kuma 2: {@code kuma.io/service} first of all. An inbound's own goes before it. A workload that serves nothing needs the tag, too: kuma-cp
         * 2.14 gives host names to those only that have one. Kuma 3 leaves tags out and goes by labels.
         */
        public Builder tag(String key, String value) {
            tags.put(key, value);
            return this;
        }

        /** A port that this process serves. */
        public Builder inbound(Inbound inbound) {
            inbounds.add(inbound);
            return this;
        }

        /** A port that this process serves as {@code http}, by this name. */
        public Builder http(int port, String portName) {
            return inbound(new Inbound(port, portName, "http"));
        }

        /** Leads an address of this process to a backend; the first one called turns the transparent proxy off. */
        public Builder outbound(Outbound outbound) {
            outbounds.add(outbound);
            return this;
        }

        /** Restricts what is reachable to these services of Kuma 2, and those named before. */
        public Builder reachableService(String service) {
            reachableServices = Ordered.with(reachableServices, service);
            return this;
        }

        /** Restricts what is reachable to these backends, and those named before. */
        public Builder reachableBackend(Backend backend) {
            reachableBackends = Ordered.with(reachableBackends, backend);
            return this;
        }

        /** The Dataplane. */
        public KumaDataplane build() {
            List<Inbound> all = inbounds.isEmpty() ? List.of(SERVICELESS) : inbounds;
            return new KumaDataplane(
                    mesh,
                    name,
                    labels,
                    address,
                    all.stream().map(this::tagged).toList(),
                    outbounds,
                    outbounds.isEmpty() ? new TransparentProxy(reachableServices, reachableBackends) : null);
        }

        private Inbound tagged(Inbound inbound) {
            if (tags.isEmpty() && inbound.tags().isEmpty()) {
                return inbound;
            }
            Map<String, String> all = new LinkedHashMap<>(tags);
            all.putIfAbsent("kuma.io/protocol", inbound.protocol());
            all.putAll(inbound.tags());
            return new Inbound(inbound.port(), inbound.name(), inbound.protocol(), all, inbound.state());
        }
    }
}
