package io.inmesh.xds.files;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML nodes to {@code google.protobuf.Struct}. */
final class StructReader {
    private static final int MAX_DEPTH = 100;

    private final String source;
    private final ScalarReader scalars;
    private int depth;

    StructReader(String source) {
        this.source = source;
        this.scalars = new ScalarReader(source);
    }

    Struct struct(MappingNode node, String path) throws ResourceFileException {
        Struct.Builder struct = Struct.newBuilder();
        for (NodeTuple tuple : node.getValue()) {
            String key = scalars.text(tuple.getKeyNode(), path);
            struct.putFields(key, value(tuple.getValueNode(), MessageReader.child(path, key)));
        }
        return struct.build();
    }

    ListValue list(Node node, String path) throws ResourceFileException {
        if (!(node instanceof SequenceNode sequence)) {
            throw new ResourceFileException(source, YamlTree.line(node), path, "expected a list");
        }
        ListValue.Builder list = ListValue.newBuilder();
        int index = 0;
        for (Node element : sequence.getValue()) {
            list.addValues(value(element, path + "[" + index + "]"));
            index++;
        }
        return list.build();
    }

    Value value(Node node, String path) throws ResourceFileException {
        if (++depth > MAX_DEPTH) {
            throw new ResourceFileException(
                    source, YamlTree.line(node), path, "is nested more than " + MAX_DEPTH + " levels deep");
        }
        Value.Builder value = Value.newBuilder();
        if (node instanceof MappingNode mapping) {
            value.setStructValue(struct(mapping, path));
        } else if (node instanceof SequenceNode) {
            value.setListValue(list(node, path));
        } else if (node instanceof ScalarNode scalar) {
            scalar(scalar, value, path);
        } else {
            throw new ResourceFileException(source, YamlTree.line(node), path, "expected a value");
        }
        depth--;
        return value.build();
    }

    private void scalar(ScalarNode scalar, Value.Builder value, String path) throws ResourceFileException {
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            value.setNullValue(NullValue.NULL_VALUE);
        } else if (tag.equals(Tag.BOOL)) {
            value.setBoolValue(scalars.bool(scalar, path));
        } else if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            value.setNumberValue(scalars.number(scalar, path));
        } else {
            value.setStringValue(scalar.getValue());
        }
    }
}
