package io.inmesh.xds.decode;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is to be shown of a resource beside its value. A path is noted once. */
final class Notes {
    private final Set<String> unsupported = new LinkedHashSet<>();

    /** A field that is set and has no effect. */
    void unsupported(String path) {
        unsupported.add(path);
    }

    /** A field that is set and has another effect than it should; {@code instead} says which. */
    void unsupported(String path, String instead) {
        unsupported.add(path + " (" + instead + ")");
    }

    List<String> unsupported() {
        return List.copyOf(unsupported);
    }
}
