package io.inmesh.samples.kuma.recorded;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A Dataplane that the control plane has, and what its proxy is to be sent. Any thread. */
final class Proxy {
    private final Supplier<List<Secret>> identity;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile ProxyConfiguration told;
    private volatile List<Secret> secrets = List.of();
    private volatile State state = State.NOTHING;

    /**
     * What there is at a moment.
     *
     * @param configuration all resources
     * @param versions      of each type; empty for one without resources. Versions are random, as kuma-cp's are
     */
    record State(ProxyConfiguration configuration, Map<ResourceType, String> versions) {
        static final State NOTHING = new State(ProxyConfiguration.EMPTY, Map.of());

        String version(ResourceType type) {
            return versions.getOrDefault(type, "");
        }
    }

    Proxy(ProxyConfiguration configuration, Supplier<List<Secret>> identity) {
        this.told = configuration;
        this.identity = identity;
    }

    State state() {
        return state;
    }

    /** A stream begins: a certificate is made for it, and nothing is known of what an earlier one was sent. */
    void connected(Runnable listener) {
        secrets = identity.get();
        state = State.NOTHING;
        listeners.add(listener);
        update();
    }

    void disconnected(Runnable listener) {
        listeners.remove(listener);
    }

    void set(ProxyConfiguration configuration) {
        told = configuration;
        update();
    }

    ProxyConfiguration configuration() {
        return told;
    }

    private void update() {
        ProxyConfiguration complete = told;
        for (Secret secret : secrets) {
            complete = complete.with(ResourceType.SECRET, secret.getName(), secret);
        }
        state = next(state, complete);
        listeners.forEach(Runnable::run);
    }

    /** A change of clusters gives their endpoints a new version, too, whether they have changed or not. */
    private static State next(State last, ProxyConfiguration complete) {
        Map<ResourceType, String> versions = new EnumMap<>(ResourceType.class);
        boolean clustersChanged = !same(last, complete, ResourceType.CLUSTER);
        for (ResourceType type : ResourceType.values()) {
            boolean kept = same(last, complete, type) && !(type == ResourceType.ENDPOINTS && clustersChanged);
            Map<String, Any> resources = complete.of(type);
            versions.put(
                    type,
                    resources.isEmpty()
                            ? ""
                            : kept ? last.version(type) : UUID.randomUUID().toString());
        }
        return new State(complete, versions);
    }

    private static boolean same(State last, ProxyConfiguration complete, ResourceType type) {
        return last.configuration().of(type).equals(complete.of(type));
    }
}
