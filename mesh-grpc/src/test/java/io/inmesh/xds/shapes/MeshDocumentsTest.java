package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.xds.shapes.SupportRow.EnvoyField;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the support tables of {@code docs/istio.md} and {@code docs/kuma.md} true. */
class MeshDocumentsTest {
    private static final Path ROOT = Path.of("..");
    private static final Set<String> STATUSES =
            Set.of("yes", "control plane", "not yet", "refused", "no effect here", "not applicable");
    private static final Set<String> SIDES = Set.of("client", "server", "both", "control plane", "none");

    private static List<SupportRow> rows(String document) {
        return SupportRow.read(ROOT.resolve("docs").resolve(document));
    }

    @ParameterizedTest
    @ValueSource(strings = {"istio.md", "kuma.md"})
    void rows_haveTheWordsThatThereAreAndOccurOnce(String document) {
        Set<String> seen = new HashSet<>();

        assertThat(rows(document)).hasSizeGreaterThan(100).allSatisfy(row -> {
            assertThat(row.status()).as(row + ": status").isIn(STATUSES);
            assertThat(row.side()).as(row + ": side").isIn(SIDES);
            assertThat(row.field()).as(row + ": field").isNotEmpty();
            assertThat(row.becomes()).as(row + ": becomes").isNotEmpty();
            assertThat(seen.add(row.section() + "/" + row.field()))
                    .as(row + " is there twice")
                    .isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"istio.md", "kuma.md"})
    void rows_thatSayYes_nameTests(String document) {
        assertThat(rows(document))
                .filteredOn(row -> row.status().equals("yes"))
                .allSatisfy(row -> assertThat(row.tests()).as(row + ": proof").isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"istio.md", "kuma.md"})
    void tests_thatAreNamed_exist(String document) throws IOException {
        Map<String, List<String>> sources = new HashMap<>();

        for (SupportRow row : rows(document)) {
            for (SupportRow.Test test : row.tests()) {
                List<String> texts = sources.computeIfAbsent(test.type(), type -> {
                    try {
                        return sources(type);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                assertThat(texts)
                        .as(row + ": a test " + test.type() + " with a method " + test.method())
                        .anyMatch(text -> text.contains("void " + test.method() + "("));
            }
        }
        assertThat(sources).isNotEmpty();
    }

    /** A field that was built since, and one that was not, show in the documents. */
    @ParameterizedTest
    @ValueSource(strings = {"istio.md", "kuma.md"})
    void fields_thatAreNamed_areSupportedExactlyWhereTheRowSaysSo(String document) throws IOException {
        EnvoySupport support = EnvoySupport.read(ROOT.resolve("docs/support.md"));

        assertThat(rows(document)).allSatisfy(row -> {
            for (EnvoyField field : row.fields()) {
                String word = support.word(field);
                switch (row.status()) {
                    case "yes" -> assertThat(word).as(row + ": " + field).isIn("supported", "no effect");
                    case "not yet" -> assertThat(word).as(row + ": " + field).isIn("shown", "unknown");
                    case "refused" -> assertThat(word).as(row + ": " + field).isIn("refused", "unknown");
                    default -> assertThat(word).as(row + ": " + field).isNotEqualTo("refused");
                }
            }
        });
    }

    @Test
    void documents_together_nameEnvoysFieldsAtAll() {
        List<EnvoyField> fields = new ArrayList<>();
        Stream.of("istio.md", "kuma.md")
                .forEach(document -> rows(document).forEach(row -> fields.addAll(row.fields())));

        assertThat(fields).hasSizeGreaterThan(100);
    }

    /** The texts of a test class, in whichever module it is. */
    private static List<String> sources(String type) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Path folder : List.of(ROOT, ROOT.resolve("samples"))) {
            try (DirectoryStream<Path> modules = Files.newDirectoryStream(folder)) {
                for (Path module : modules) {
                    Path tests = module.resolve("src/test/java");
                    if (Files.isDirectory(tests)) {
                        texts.addAll(sources(tests, type + ".java"));
                    }
                }
            }
        }
        return texts;
    }

    private static List<String> sources(Path tests, String file) throws IOException {
        List<String> texts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(tests)) {
            for (Path each : files.filter(path -> path.endsWith(file)).toList()) {
                texts.add(Files.readString(each));
            }
        }
        return texts;
    }
}
