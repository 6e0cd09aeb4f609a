package io.inmesh.xds.files;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Finds the line of a field in a text that was read already, for errors that only show when all of it is known. */
public final class FieldLines {
    private static final Pattern STEP = Pattern.compile("([^.\\[\\]]+)|\\[(\\d+)]");

    private FieldLines() {}

    /**
     * A failure at a field.
     *
     * @param source where the text comes from
     * @param text   one YAML or JSON document
     * @param field  a path such as {@code static_resources.clusters[0].name}; where it does not exist, its nearest parent gives the line
     * @param reason what is wrong and what was expected
     */
    public static ResourceFileException failure(String source, String text, String field, String reason) {
        int line = 0;
        try {
            List<Node> documents = YamlTree.documents(source, text);
            if (!documents.isEmpty()) {
                line = line(documents.get(0), field);
            }
        } catch (ResourceFileException e) {
            return e;
        }
        return new ResourceFileException(source, line, field, reason);
    }

    private static int line(Node document, String field) {
        Node node = document;
        int line = YamlTree.line(document);
        Matcher step = STEP.matcher(field);
        while (step.find()) {
            if (step.group(2) != null) {
                int index = Integer.parseInt(step.group(2));
                if (!(node instanceof SequenceNode list)
                        || index >= list.getValue().size()) {
                    return line;
                }
                node = list.getValue().get(index);
                line = YamlTree.line(node);
            } else {
                NodeTuple tuple = node instanceof MappingNode map ? entry(map, step.group(1)) : null;
                if (tuple == null) {
                    return line;
                }
                node = tuple.getValueNode();
                line = YamlTree.line(tuple.getKeyNode());
            }
        }
        return line;
    }

    private static @Nullable NodeTuple entry(MappingNode map, String name) {
        String wanted = name.replace("_", "");
        for (NodeTuple tuple : map.getValue()) {
            // Both spellings of the JSON mapping: field_name and fieldName.
            if (tuple.getKeyNode() instanceof ScalarNode key
                    && key.getValue().replace("_", "").equalsIgnoreCase(wanted)) {
                return tuple;
            }
        }
        return null;
    }
}
