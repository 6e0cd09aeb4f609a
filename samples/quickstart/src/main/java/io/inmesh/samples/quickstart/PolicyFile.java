package io.inmesh.samples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Edits of {@code inbound.yaml}, as a person would make them in an editor. */
final class PolicyFile {
    private PolicyFile() {}

    /** What is denied to batch is no longer everything, but everything other than to read. */
    static void letBatchRead(Path file) throws IOException {
        SavedFile.write(
                file,
                Files.readString(file)
                        .replaceFirst(
                                "- any: true",
                                "- not_rule: {header: {name: \":method\", string_match: {exact: GET}}}"));
    }
}
