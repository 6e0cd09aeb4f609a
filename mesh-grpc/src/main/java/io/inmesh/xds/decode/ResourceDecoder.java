package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.model.Assignment;
import io.inmesh.model.RouteTable;
import io.inmesh.xds.decode.AssignmentDecoder.AddressForm;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Decodes resources. Never throws: a malformed resource is {@linkplain Decoded.Rejected rejected} with a text that names the field.
 *
 * <p>Thread-safe; costs as much as the resource is large, and at the first call the loading of Envoy's classes (more than half a second), so it
 * does not belong on a request's thread.
 */
public final class ResourceDecoder {
    /** Starts the text of a rejection that no check foresaw. */
    static final String UNFORESEEN = "cannot be decoded: ";

    private ResourceDecoder() {}

    /** {@code envoy.config.listener.v3.Listener}. */
    public static Decoded<DecodedListener> listener(String name, Any body) {
        return decode("Listener", name, body, Listener.getDefaultInstance(), ListenerDecoder::decode);
    }

    /** {@code envoy.config.route.v3.RouteConfiguration}. */
    public static Decoded<RouteTable> routeTable(String name, Any body) {
        return decode("RouteConfiguration", name, body, RouteConfiguration.getDefaultInstance(), (table, notes) -> {
            FieldAudit.check(table, "", notes);
            return RouteTableDecoder.decode(table, name, "", notes);
        });
    }

    /** {@code envoy.config.cluster.v3.Cluster}. */
    public static Decoded<DecodedCluster> cluster(String name, Any body) {
        return decode("Cluster", name, body, Cluster.getDefaultInstance(), (cluster, notes) -> {
            FieldAudit.check(cluster, "", notes);
            return ClusterDecoder.decode(cluster, notes);
        });
    }

    /** {@code envoy.config.endpoint.v3.ClusterLoadAssignment}. */
    public static Decoded<Assignment> endpoints(String name, Any body) {
        return decode(
                "ClusterLoadAssignment",
                name,
                body,
                ClusterLoadAssignment.getDefaultInstance(),
                (assignment, notes) -> {
                    FieldAudit.check(assignment, "", notes);
                    return AssignmentDecoder.decode(assignment, name, AddressForm.EDS, "", notes);
                });
    }

    /** {@code envoy.extensions.transport_sockets.tls.v3.Secret}. */
    public static Decoded<io.inmesh.model.Secret> secret(String name, Any body) {
        return decode("Secret", name, body, Secret.getDefaultInstance(), SecretDecoder::decode);
    }

    /** {@code istio.networking.nds.v1.NameTable}: the addresses of host names in lower case, as they are seen from somewhere. */
    public static Decoded<Map<String, List<String>>> nameTable(String name, Any body, NameScope scope) {
        try {
            if (!Values.typeName(body.getTypeUrl()).equals(NdsDecoder.TYPE)) {
                return new Decoded.Rejected<>("NameTable: has the type " + body.getTypeUrl());
            }
            return new Decoded.Accepted<>(NdsDecoder.decode(body.getValue().newCodedInput(), scope), List.of());
        } catch (IOException e) {
            return new Decoded.Rejected<>("NameTable: is not a readable protobuf message: " + e.getMessage());
        }
    }

    /** A resource that calls itself otherwise than its envelope does would be one thing to the protocol and another to its users. */
    private static void requireName(Message message, String name) {
        String field = message instanceof ClusterLoadAssignment ? "cluster_name" : "name";
        Object own = message.getField(message.getDescriptorForType().findFieldByName(field));
        if (!own.equals(name)) {
            throw new BadResourceException(field, "is \"" + own + "\" in a resource of another name");
        }
    }

    private static <M extends Message, T> Decoded<T> decode(
            String kind, String name, Any body, M prototype, BiFunction<M, Notes, T> decoder) {
        Notes notes = new Notes();
        try {
            if (!Values.is(body, prototype)) {
                throw new BadResourceException("", "has the type " + body.getTypeUrl());
            }
            M message = Values.parse(body, prototype, "");
            requireName(message, name);
            T value = decoder.apply(message, notes);
            return new Decoded.Accepted<>(value, notes.unsupported());
        } catch (BadResourceException e) {
            return new Decoded.Rejected<>(kind + " \"" + name + "\": " + e.text());
        } catch (RuntimeException e) {
            // A mistake of this decoder must not end the session that serves everybody else.
            return new Decoded.Rejected<>(kind + " \"" + name + "\": " + UNFORESEEN + e);
        } catch (StackOverflowError e) {
            // Messages in Anys may be nested without end, each within protobuf's own limit.
            return new Decoded.Rejected<>(kind + " \"" + name + "\": " + UNFORESEEN + "it is nested too deeply");
        }
    }
}
