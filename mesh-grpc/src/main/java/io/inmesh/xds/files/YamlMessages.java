package io.inmesh.xds.files;

import com.google.protobuf.Message;
import java.nio.file.Path;
import java.util.List;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads one protobuf message from YAML or JSON, in the JSON mapping of protobuf: field names in either spelling, {@code Any} with {@code @type},
 * durations as {@code 1.5s}. Unlike protobuf's own reader it says in which line and in which field something is wrong, and what was expected.
 */
public final class YamlMessages {
    private YamlMessages() {}

    /** Fills {@code builder} from a file that holds one document. */
    public static <B extends Message.Builder> B read(Path file, B builder) throws ResourceFileException {
        return read(file.toString(), YamlTree.documents(file), builder);
    }

    /**
     * Fills {@code builder} from a text that holds one document.
     *
     * @param source where the text comes from, for messages
     */
    public static <B extends Message.Builder> B read(String source, String text, B builder)
            throws ResourceFileException {
        return read(source, YamlTree.documents(source, text), builder);
    }

    private static <B extends Message.Builder> B read(String source, List<Node> documents, B builder)
            throws ResourceFileException {
        if (documents.size() != 1) {
            throw new ResourceFileException(
                    source,
                    0,
                    "",
                    "expected one document of type "
                            + builder.getDescriptorForType().getFullName() + ", found " + documents.size());
        }
        new MessageReader(source).readMessage(documents.get(0), builder, "");
        return builder;
    }
}
