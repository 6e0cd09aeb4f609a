package io.inmesh.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.model.Assignment;
import io.inmesh.model.RouteTable;
import io.inmesh.xds.files.ResourceFileException;
import io.inmesh.xds.files.YamlMessages;

/** Resources written as an operator would write them, decoded. */
final class Yaml {
    private Yaml() {}

    static Decoded<DecodedCluster> cluster(String yaml) {
        return ResourceDecoder.cluster(
                "c", Any.pack(read(yaml, Cluster.newBuilder().setName("c"))));
    }

    static Decoded<DecodedListener> listener(String yaml) {
        return ResourceDecoder.listener(
                "l", Any.pack(read(yaml, Listener.newBuilder().setName("l"))));
    }

    static Any any(String yaml) {
        return (Any) read(yaml, Any.newBuilder());
    }

    static Decoded<RouteTable> routes(String yaml) {
        return ResourceDecoder.routeTable(
                "r", Any.pack(read(yaml, RouteConfiguration.newBuilder().setName("r"))));
    }

    static Decoded<Assignment> endpoints(String yaml) {
        return ResourceDecoder.endpoints(
                "e", Any.pack(read(yaml, ClusterLoadAssignment.newBuilder().setClusterName("e"))));
    }

    static Decoded<io.inmesh.model.Secret> secret(String yaml) {
        return ResourceDecoder.secret(
                "s", Any.pack(read(yaml, Secret.newBuilder().setName("s"))));
    }

    /** A field that these messages do not have. */
    static UnknownFieldSet unknownField(int number) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.EMPTY)
                                .build())
                .build();
    }

    static <T> T accepted(Decoded<T> decoded) {
        assertThat(decoded).isInstanceOf(Decoded.Accepted.class);
        return ((Decoded.Accepted<T>) decoded).value();
    }

    static String reason(Decoded<?> decoded) {
        assertThat(decoded).isInstanceOf(Decoded.Rejected.class);
        return ((Decoded.Rejected<?>) decoded).reason();
    }

    private static Message read(String yaml, Message.Builder builder) {
        try {
            return YamlMessages.read("test.yaml", yaml, builder).build();
        } catch (ResourceFileException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
