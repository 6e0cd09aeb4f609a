package io.inmesh.xds.protocol;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes an {@link XdsNode} as a protobuf message. */
final class NodeMessage {

    /** Says that wrapped resources are understood on the state-of-the-world transport, as gRPC clients say it. */
    private static final String RESOURCE_IN_SOTW = "xds.config.resource-in-sotw";

    private NodeMessage() {}

    static Node of(XdsNode node) {
        Node.Builder builder = Node.newBuilder()
                .setId(node.id())
                .setCluster(node.cluster())
                .setUserAgentName("inmesh")
                .setUserAgentVersion(version())
                .addClientFeatures(RESOURCE_IN_SOTW);
        if (!node.metadata().isEmpty()) {
            builder.setMetadata(struct(node.metadata()));
        }
        if (!node.region().isEmpty()
                || !node.zone().isEmpty()
                || !node.subZone().isEmpty()) {
            builder.setLocality(Locality.newBuilder()
                    .setRegion(node.region())
                    .setZone(node.zone())
                    .setSubZone(node.subZone()));
        }
        return builder.build();
    }

    private static String version() {
        String version = NodeMessage.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    private static Struct struct(Map<?, ?> map) {
        Struct.Builder builder = Struct.newBuilder();
        map.forEach((key, value) -> builder.putFields(String.valueOf(key), value(value)));
        return builder.build();
    }

    private static Value value(@Nullable Object value) {
        Value.Builder builder = Value.newBuilder();
        if (value == null) {
            builder.setNullValue(NullValue.NULL_VALUE);
        } else if (value instanceof Boolean flag) {
            builder.setBoolValue(flag);
        } else if (value instanceof Number number) {
            builder.setNumberValue(number.doubleValue());
        } else if (value instanceof Map<?, ?> map) {
            builder.setStructValue(struct(map));
        } else if (value instanceof Iterable<?> list) {
            ListValue.Builder values = ListValue.newBuilder();
            list.forEach(each -> values.addValues(value(each)));
            builder.setListValue(values);
        } else {
            builder.setStringValue(value.toString());
        }
        return builder.build();
    }
}
