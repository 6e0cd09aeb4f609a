package io.inmesh.xds.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.xds.shapes.SupportRow.EnvoyField;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
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
                        .as(row + ": one test " + test.type() + ", with a method " + test.method())
                        .singleElement()
                        .asString()
                        .contains("void " + test.method() + "(");
            }
        }
        assertThat(sources).isNotEmpty();
    }

    /** A field that was built since, and one that was not, show in the documents. */
    @ParameterizedTest
    @ValueSource(strings = {"istio.md", "kuma.md"})
    void fields_thatAreNamed_areSupportedExactlyWhereTheRowSaysSo(String document) throws IOException {
        EnvoySupport support = EnvoySupport.read(ROOT.resolve("docs/support.md"));

        List<String> wrong = new ArrayList<>();
        for (SupportRow row : rows(document)) {
            for (EnvoyField field : row.fields()) {
                Set<String> words = support.words(field);
                if (Collections.disjoint(words, allowed(row.status()))) {
                    wrong.add(row + " says \"" + row.status() + "\", but " + field.message() + "." + field.name()
                            + " is " + words);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static Set<String> allowed(String status) {
        return switch (status) {
            case "yes" -> Set.of("supported", "no effect");
            case "not yet" -> Set.of("shown");
            case "refused" -> Set.of("refused");
            default -> Set.of("supported", "no effect", "shown");
        };
    }

    @Test
    void documents_together_nameEnvoysFieldsAtAll() {
        List<EnvoyField> fields = new ArrayList<>();
        Stream.of("istio.md", "kuma.md")
                .forEach(document -> rows(document).forEach(row -> fields.addAll(row.fields())));

        assertThat(fields).hasSizeGreaterThan(100);
    }

    /** Who looks for an error's text finds it word by word: what is in code style is in the code. {@code ...} stands for what differs. */
    @ParameterizedTest
    @ValueSource(strings = {"istio.md", "kuma.md"})
    void errors_inCodeStyle_areTextsOfTheCode(String document) throws IOException {
        String code = code();
        List<String> missing = new ArrayList<>();
        int seen = 0;
        for (String line : Files.readAllLines(ROOT.resolve("docs").resolve(document))) {
            if (line.startsWith("| `") && line.split("(?<!\\\\)\\|", -1).length == 5) {
                String text = line.substring(3, line.indexOf('`', 3));
                seen++;
                for (String part : text.split("\\.\\.\\.")) {
                    if (part.strip().length() > 8 && !code.contains(part.strip())) {
                        missing.add(part.strip());
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(seen).isGreaterThan(10);
    }

    /** The sources of all modules, with the halves of texts joined. */
    private static String code() throws IOException {
        StringBuilder code = new StringBuilder();
        for (String module : List.of("mesh-api", "mesh-grpc", "mesh-http-client")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    code.append(Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", ""));
                }
            }
        }
        return code.toString().replace("\\\"", "\"");
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
