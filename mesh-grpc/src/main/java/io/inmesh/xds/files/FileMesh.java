package io.inmesh.xds.files;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceKind;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The resources of a folder by kind and name, each with its place. */
final class FileMesh {
    private final Map<ResourceKind, Map<String, Located>> resources = new EnumMap<>(ResourceKind.class);

    /**
     * A resource and its place.
     *
     * @param place {@code file:line}
     */
    record Located(RawResource resource, String place) {}

    private FileMesh() {
        for (ResourceKind kind : ResourceKind.values()) {
            resources.put(kind, new LinkedHashMap<>());
        }
    }

    static FileMesh empty() {
        return new FileMesh();
    }

    /**
     * Reads a folder or file.
     *
     * @param version of all resources in it
     */
    static FileMesh read(Path path, String version) throws ResourceFileException {
        FileMesh mesh = new FileMesh();
        for (FileResource resource : ResourceFiles.read(path)) {
            mesh.add(resource, version);
        }
        return mesh;
    }

    private void add(FileResource resource, String version) throws ResourceFileException {
        String file = resource.file().toString();
        ResourceKind kind = ResourceKind.ofTypeUrl(resource.any().getTypeUrl());
        if (kind == null) {
            throw new ResourceFileException(
                    file, resource.line(), "", "a " + resource.any().getTypeUrl() + " is not a resource of a mesh");
        }
        String field = kind == ResourceKind.ENDPOINTS ? "cluster_name" : "name";
        FieldDescriptor descriptor = resource.message().getDescriptorForType().findFieldByName(field);
        String name = String.valueOf(resource.message().getField(descriptor));
        if (name.isEmpty()) {
            throw new ResourceFileException(file, resource.line(), field, "must not be empty");
        }
        String place = file + ":" + resource.line();
        Located other =
                resources(kind).put(name, new Located(new RawResource(kind, name, version, resource.any()), place));
        if (other != null) {
            throw new ResourceFileException(
                    file, resource.line(), field, "\"" + name + "\" is there twice, first at " + other.place());
        }
    }

    Map<String, Located> resources(ResourceKind kind) {
        Map<String, Located> ofKind = resources.get(kind);
        return ofKind == null ? Map.of() : ofKind;
    }

    List<RawResource> all(ResourceKind kind) {
        return resources(kind).values().stream().map(Located::resource).toList();
    }

    @Nullable
    RawResource find(ResourceKind kind, String name) {
        Located located = resources(kind).get(name);
        return located == null ? null : located.resource();
    }
}
