package io.inmesh.xds.files;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads xDS resources from YAML or JSON files.
 *
 * <p>A document is one resource with an {@code @type}, a list of them, or has a list named {@code resources} (the form of a
 * {@code DiscoveryResponse}, as Envoy's filesystem subscriptions have it). A file may hold several documents.
 */
public final class ResourceFiles {
    private ResourceFiles() {}

    /**
     * All resources of a file, or of the files of a folder whose names end in {@code .yaml}, {@code .yml} or {@code .json}, by name, without
     * folders in it and without hidden files.
     *
     * @throws ResourceFileException on the first thing that is wrong
     */
    public static List<FileResource> read(Path fileOrFolder) throws ResourceFileException {
        List<FileResource> resources = new ArrayList<>();
        for (Path file : files(fileOrFolder)) {
            for (Node document : YamlTree.documents(file)) {
                readDocument(file, document, resources);
            }
        }
        return Collections.unmodifiableList(resources);
    }

    /** All resources of a text, which stands for the content of {@code source}. */
    public static List<FileResource> parse(Path source, String text) throws ResourceFileException {
        List<FileResource> resources = new ArrayList<>();
        for (Node document : YamlTree.documents(source.toString(), text)) {
            readDocument(source, document, resources);
        }
        return Collections.unmodifiableList(resources);
    }

    /** The files that {@link #read} reads. */
    static List<Path> files(Path fileOrFolder) throws ResourceFileException {
        if (!Files.isDirectory(fileOrFolder)) {
            return List.of(fileOrFolder);
        }
        try (Stream<Path> entries = Files.list(fileOrFolder)) {
            return entries.filter(ResourceFiles::isResourceFile).sorted().toList();
        } catch (IOException e) {
            throw new ResourceFileException(fileOrFolder.toString(), 0, "", "cannot be listed: " + e);
        }
    }

    private static boolean isResourceFile(Path file) {
        Path fileName = file.getFileName();
        String name = fileName == null ? "" : fileName.toString().toLowerCase(Locale.ROOT);
        boolean ending = name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        return ending && !name.startsWith(".") && Files.isRegularFile(file);
    }

    private static void readDocument(Path file, Node document, List<FileResource> resources)
            throws ResourceFileException {
        if (document instanceof SequenceNode list) {
            readList(file, list, "", resources);
        } else if (document instanceof MappingNode mapping && has(mapping, "@type")) {
            resources.add(readResource(file, mapping, ""));
        } else if (document instanceof MappingNode mapping) {
            readResponse(file, mapping, resources);
        } else if (!(document instanceof ScalarNode scalar)
                || !scalar.getValue().isBlank()) {
            throw expected(file, document);
        }
    }

    private static void readResponse(Path file, MappingNode response, List<FileResource> resources)
            throws ResourceFileException {
        Node list = null;
        for (NodeTuple tuple : response.getValue()) {
            String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
            switch (key) {
                case "resources" -> list = tuple.getValueNode();
                case "version_info", "versionInfo", "type_url", "typeUrl", "nonce" -> {
                    // Belong to the form; what counts is the resources' own @type.
                }
                default ->
                    throw new ResourceFileException(
                            file.toString(),
                            YamlTree.line(tuple.getKeyNode()),
                            "",
                            "unknown field \"" + key + "\"; expected a list named \"resources\"");
            }
        }
        if (list instanceof SequenceNode sequence) {
            readList(file, sequence, "resources", resources);
        } else if (list == null
                || !(list instanceof ScalarNode scalar)
                || !scalar.getValue().isBlank()) {
            throw expected(file, response);
        }
    }

    private static void readList(Path file, SequenceNode list, String path, List<FileResource> resources)
            throws ResourceFileException {
        int index = 0;
        for (Node element : list.getValue()) {
            resources.add(readResource(file, element, path + "[" + index + "]"));
            index++;
        }
    }

    private static FileResource readResource(Path file, Node node, String path) throws ResourceFileException {
        Any any = new MessageReader(file.toString()).readAny(node, path);
        Message type = MessageTypes.defaultInstance(any.getTypeUrl());
        if (type == null) {
            throw expected(file, node);
        }
        try {
            Message message = type.getParserForType().parseFrom(any.getValue());
            return new FileResource(file, YamlTree.line(node), message, any);
        } catch (InvalidProtocolBufferException e) {
            throw new ResourceFileException(
                    file.toString(), YamlTree.line(node), path, "cannot be read: " + e.getMessage());
        }
    }

    private static boolean has(MappingNode mapping, String key) {
        return mapping.getValue().stream()
                .anyMatch(tuple -> tuple.getKeyNode() instanceof ScalarNode scalar
                        && scalar.getValue().equals(key));
    }

    private static ResourceFileException expected(Path file, Node node) {
        return new ResourceFileException(
                file.toString(),
                YamlTree.line(node),
                "",
                "expected a resource with an \"@type\", a list of such resources, or a list named \"resources\"");
    }
}
