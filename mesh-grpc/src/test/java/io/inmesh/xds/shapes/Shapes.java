package io.inmesh.xds.shapes;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.model.Assignment;
import io.inmesh.model.RouteTable;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.Decoded.Accepted;
import io.inmesh.xds.decode.DecodedCluster;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.files.YamlMessages;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** What a control plane sent to one workload for the YAML beside it, each resource decoded as if it came now. */
final class Shapes {
    private final Map<String, RouteConfiguration> routes = new HashMap<>();
    private final Map<String, Cluster> clusters = new HashMap<>();
    private final Map<String, ClusterLoadAssignment> endpoints = new HashMap<>();
    private final Map<String, Listener> listeners = new HashMap<>();

    private Shapes(DiscoveryResponse response) throws InvalidProtocolBufferException {
        for (Any body : response.getResourcesList()) {
            if (body.is(RouteConfiguration.class)) {
                RouteConfiguration table = body.unpack(RouteConfiguration.class);
                routes.put(table.getName(), table);
            } else if (body.is(Cluster.class)) {
                Cluster cluster = body.unpack(Cluster.class);
                clusters.put(cluster.getName(), cluster);
            } else if (body.is(Listener.class)) {
                Listener listener = body.unpack(Listener.class);
                listeners.put(listener.getName(), listener);
            } else {
                ClusterLoadAssignment assignment = body.unpack(ClusterLoadAssignment.class);
                endpoints.put(assignment.getClusterName(), assignment);
            }
        }
    }

    /** All resources of a file under {@code /shapes}. */
    static Shapes of(String file) {
        String text = new String(read(file), StandardCharsets.UTF_8);
        try {
            return new Shapes(YamlMessages.read(file, text, DiscoveryResponse.newBuilder())
                    .build());
        } catch (ResourceFileException | InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A listener in a file of its own, as it was on the wire: it has types that only the control plane's own Envoy knows. */
    static Listener wire(String file) {
        try {
            return Any.parseFrom(read(file)).unpack(Listener.class);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] read(String file) {
        try (InputStream in = Shapes.class.getResourceAsStream("/shapes/" + file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Accepted<RouteTable> routes(String name) {
        return accepted(ResourceDecoder.routeTable(name, Any.pack(Objects.requireNonNull(routes.get(name), name))));
    }

    Accepted<DecodedCluster> cluster(String name) {
        return accepted(ResourceDecoder.cluster(name, Any.pack(Objects.requireNonNull(clusters.get(name), name))));
    }

    Accepted<DecodedListener> listener(String name) {
        return accepted(ResourceDecoder.listener(name, Any.pack(protoOfListener(name))));
    }

    /** The table of the only listener of a client whose virtual host has this name: Kuma names it after the destination's cluster. */
    Accepted<DecodedListener> listenerOf(String destination) {
        return listeners.values().stream()
                .map(each -> listener(each.getName()))
                .filter(each -> each.value().routes() != null
                        && Objects.requireNonNull(each.value().routes()).virtualHosts().stream()
                                .anyMatch(host -> host.name().equals(destination)))
                .findFirst()
                .orElseThrow();
    }

    Listener protoOfListener(String name) {
        return Objects.requireNonNull(listeners.get(name), name);
    }

    Assignment endpoints(String name) {
        return accepted(ResourceDecoder.endpoints(name, Any.pack(Objects.requireNonNull(endpoints.get(name), name))))
                .value();
    }

    boolean hasCluster(String name) {
        return clusters.containsKey(name);
    }

    private static <T> Accepted<T> accepted(Decoded<T> decoded) {
        if (decoded instanceof Accepted<T> accepted) {
            return accepted;
        }
        throw new AssertionError(decoded);
    }
}
