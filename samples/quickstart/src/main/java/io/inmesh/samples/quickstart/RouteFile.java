package io.inmesh.samples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Edits of {@code routes.yaml}, as a person would make them in an editor. */
final class RouteFile {
    private RouteFile() {}

    /** Sets the weights of v1 and v2. */
    static void weights(Path file, int v1, int v2) throws IOException {
        String text = Files.readString(file);
        SavedFile.write(
                file,
                text.replaceAll("(name: shop-v1, weight: )\\d+", "$1" + v1)
                        .replaceAll("(name: shop-v2, weight: )\\d+", "$1" + v2));
    }

    /** Puts a route for one value of a header before all others. */
    static void headerRoute(Path file, String header, String value, String cluster) throws IOException {
        String route = """
                    - name: %s-is-%s
                      match:
                        prefix: /
                        headers:
                        - {name: %s, string_match: {exact: %s}}
                      route: {cluster: %s, timeout: 2s}
                """.formatted(header, value, header, value, cluster);
        SavedFile.write(file, Files.readString(file).replaceFirst("(?m)^    routes:\\R", "    routes:\n" + route));
    }
}
