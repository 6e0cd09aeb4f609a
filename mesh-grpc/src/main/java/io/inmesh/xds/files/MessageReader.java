package io.inmesh.xds.files;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML nodes to messages: the part with fields, lists, maps and {@code Any}. */
final class MessageReader {
    /** As protobuf's own limit; a YAML alias may refer to what it is in. */
    private static final int MAX_DEPTH = 100;

    private final String source;
    private final ScalarReader scalars;
    private int depth;

    MessageReader(String source) {
        this.source = source;
        this.scalars = new ScalarReader(source);
    }

    void readMessage(Node node, Message.Builder builder, String path) throws ResourceFileException {
        if (++depth > MAX_DEPTH) {
            throw failure(node, path, "is nested more than " + MAX_DEPTH + " levels deep");
        }
        if (!readWellKnown(node, builder, path)) {
            readFields(mapping(node, path, builder.getDescriptorForType()), builder, path, null);
        }
        depth--;
    }

    /** Messages that have a JSON form of their own. */
    private boolean readWellKnown(Node node, Message.Builder builder, String path) throws ResourceFileException {
        String type = builder.getDescriptorForType().getFullName();
        switch (type) {
            case "google.protobuf.Any" -> readAny(node, (Any.Builder) builder, path);
            case "google.protobuf.Struct" ->
                builder.mergeFrom(
                        new StructReader(source).struct(mapping(node, path, builder.getDescriptorForType()), path));
            case "google.protobuf.Value" -> builder.mergeFrom(new StructReader(source).value(node, path));
            case "google.protobuf.ListValue" -> builder.mergeFrom(new StructReader(source).list(node, path));
            case "google.protobuf.Duration" -> builder.mergeFrom(scalars.duration(node, path));
            case "google.protobuf.Timestamp" -> builder.mergeFrom(scalars.timestamp(node, path));
            case "google.protobuf.BoolValue",
                    "google.protobuf.StringValue",
                    "google.protobuf.BytesValue",
                    "google.protobuf.Int32Value",
                    "google.protobuf.UInt32Value",
                    "google.protobuf.Int64Value",
                    "google.protobuf.UInt64Value",
                    "google.protobuf.FloatValue",
                    "google.protobuf.DoubleValue" -> {
                FieldDescriptor value = builder.getDescriptorForType().findFieldByName("value");
                builder.setField(value, scalars.read(node, value, path));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** An {@code Any} in its JSON form. */
    Any readAny(Node node, String path) throws ResourceFileException {
        Any.Builder any = Any.newBuilder();
        readAny(node, any, path);
        return any.build();
    }

    private void readAny(Node node, Any.Builder any, String path) throws ResourceFileException {
        MappingNode mapping = mapping(node, path, Any.getDescriptor());
        Node typeNode = null;
        for (NodeTuple tuple : mapping.getValue()) {
            if (key(tuple, path).equals("@type")) {
                typeNode = tuple.getValueNode();
            }
        }
        if (typeNode == null) {
            throw failure(node, path, "has no \"@type\"");
        }
        String typeUrl = scalars.text(typeNode, path + ".@type");
        Message prototype = MessageTypes.defaultInstance(typeUrl);
        if (prototype == null) {
            throw failure(typeNode, path, "unknown message type \"" + typeUrl + "\"");
        }
        Message.Builder content = prototype.newBuilderForType();
        if (hasJsonFormOfItsOwn(prototype.getDescriptorForType())) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (key(tuple, path).equals("value")) {
                    readMessage(tuple.getValueNode(), content, child(path, "value"));
                }
            }
        } else {
            readFields(mapping, content, path, "@type");
        }
        any.setTypeUrl(typeUrl.indexOf('/') < 0 ? "type.googleapis.com/" + typeUrl : typeUrl)
                .setValue(content.build().toByteString());
    }

    private static boolean hasJsonFormOfItsOwn(Descriptor type) {
        return type.getFile().getPackage().equals("google.protobuf")
                && !type.getFullName().equals("google.protobuf.Empty");
    }

    private void readFields(MappingNode mapping, Message.Builder builder, String path, @Nullable String except)
            throws ResourceFileException {
        Descriptor type = builder.getDescriptorForType();
        Set<FieldDescriptor> seen = new HashSet<>();
        Map<OneofDescriptor, FieldDescriptor> chosen = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = key(tuple, path);
            if (key.equals(except)) {
                continue;
            }
            FieldDescriptor field = FieldNames.find(type, key);
            if (field == null) {
                throw failure(
                        tuple.getKeyNode(),
                        path,
                        "unknown field \"" + key + "\" in " + type.getFullName() + FieldNames.suggestion(type, key));
            }
            String fieldPath = child(path, field.getName());
            if (!seen.add(field)) {
                throw failure(tuple.getKeyNode(), fieldPath, "is there twice");
            }
            Node value = tuple.getValueNode();
            if (isNull(value) && !isValueType(field)) {
                continue;
            }
            OneofDescriptor oneof = field.getRealContainingOneof();
            if (oneof != null) {
                FieldDescriptor other = chosen.put(oneof, field);
                if (other != null) {
                    throw failure(tuple.getKeyNode(), fieldPath, "cannot be set together with " + other.getName());
                }
            }
            readField(value, field, builder, fieldPath);
        }
    }

    private static boolean isValueType(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && field.getMessageType().getFullName().equals("google.protobuf.Value");
    }

    private void readField(Node node, FieldDescriptor field, Message.Builder builder, String path)
            throws ResourceFileException {
        if (field.isMapField()) {
            readMap(mapping(node, path, null), field, builder, path);
        } else if (field.isRepeated()) {
            if (!(node instanceof SequenceNode sequence)) {
                throw failure(node, path, "expected a list");
            }
            int index = 0;
            for (Node element : sequence.getValue()) {
                builder.addRepeatedField(field, readValue(element, field, builder, path + "[" + index + "]"));
                index++;
            }
        } else {
            builder.setField(field, readValue(node, field, builder, path));
        }
    }

    private void readMap(MappingNode mapping, FieldDescriptor field, Message.Builder builder, String path)
            throws ResourceFileException {
        Descriptor entryType = field.getMessageType();
        FieldDescriptor keyField = entryType.findFieldByNumber(1);
        FieldDescriptor valueField = entryType.findFieldByNumber(2);
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = key(tuple, path);
            String entryPath = path + "[\"" + key + "\"]";
            if (!seen.add(key)) {
                throw failure(tuple.getKeyNode(), entryPath, "is there twice");
            }
            Message.Builder entry = builder.newBuilderForField(field);
            entry.setField(keyField, scalars.read(tuple.getKeyNode(), keyField, entryPath));
            entry.setField(valueField, readValue(tuple.getValueNode(), valueField, entry, entryPath));
            builder.addRepeatedField(field, entry.build());
        }
    }

    private Object readValue(Node node, FieldDescriptor field, Message.Builder parent, String path)
            throws ResourceFileException {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            Message.Builder builder = parent.newBuilderForField(field);
            readMessage(node, builder, path);
            return builder.build();
        }
        return scalars.read(node, field, path);
    }

    private MappingNode mapping(Node node, String path, @Nullable Descriptor type) throws ResourceFileException {
        if (node instanceof MappingNode mapping) {
            return mapping;
        }
        throw failure(node, path, "expected fields" + (type == null ? "" : " of " + type.getFullName()));
    }

    private String key(NodeTuple tuple, String path) throws ResourceFileException {
        return scalars.text(tuple.getKeyNode(), path);
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
    }

    static String child(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private ResourceFileException failure(Node node, String path, String reason) {
        return new ResourceFileException(source, YamlTree.line(node), path, reason);
    }
}
