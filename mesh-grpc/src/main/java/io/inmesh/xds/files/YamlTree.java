package io.inmesh.xds.files;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Text to YAML nodes that know their lines. JSON is YAML. */
final class YamlTree {
    /** As large as an ADS message may be. */
    private static final int MAX_CHARACTERS = 64 * 1024 * 1024;

    private YamlTree() {}

    /** The documents of a file; empty ones are left out. */
    static List<Node> documents(Path file) throws ResourceFileException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ResourceFileException(file.toString(), 0, "", "there is no such file");
        } catch (CharacterCodingException e) {
            throw new ResourceFileException(file.toString(), 0, "", "is not UTF-8 text");
        } catch (IOException e) {
            throw new ResourceFileException(file.toString(), 0, "", "cannot be read: " + e);
        }
        return documents(file.toString(), text);
    }

    /** The documents of a text; empty ones are left out. */
    static List<Node> documents(String source, String text) throws ResourceFileException {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source)
                .setCodePointLimit(MAX_CHARACTERS)
                .setAllowDuplicateKeys(true) // found and named by the reader of fields, which knows the path
                .build();
        List<Node> documents = new ArrayList<>();
        try {
            new Compose(settings).composeAllFromString(text).forEach(documents::add);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            throw new ResourceFileException(source, line, "", "is not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ResourceFileException(source, 0, "", "is not YAML: " + e.getMessage());
        }
        return documents;
    }

    /** The line of a node, from 1. */
    static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
    }
}
