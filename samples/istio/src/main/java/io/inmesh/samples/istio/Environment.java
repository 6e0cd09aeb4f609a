package io.inmesh.samples.istio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a manifest tells a service beside what the mesh reads for itself. */
final class Environment {
    private Environment() {}

    /**
     * A variable.
     *
     * @throws IllegalStateException if it is not set
     */
    static String of(String variable) {
        String value = System.getenv(variable);
        if (value == null || value.isBlank()) {
            throw new IllegalStateException(variable + " is not set; the manifest takes it from the downward API");
        }
        return value;
    }

    /** The pod's label {@code version}. */
    static String version() throws IOException {
        String root = System.getenv("POD_ROOT");
        Path labels = Path.of(root == null ? "/" : root).resolve("etc/istio/pod/labels");
        return Files.readAllLines(labels).stream()
                .filter(line -> line.startsWith("version="))
                .map(line -> line.substring("version=".length()).replace("\"", ""))
                .findFirst()
                .orElse("unknown");
    }
}
