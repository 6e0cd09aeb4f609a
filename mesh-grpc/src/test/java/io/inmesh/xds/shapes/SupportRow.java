package io.inmesh.xds.shapes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A row of a document's support tables.
 *
 * @param document the file
 * @param line     of the file, from 1
 * @param section  the heading above its table
 * @param field    of the control plane's own resource
 * @param becomes  what the control plane makes of it
 * @param side     where it counts
 * @param status   what becomes of it here
 * @param proof    the tests that show it
 */
record SupportRow(
        String document,
        int line,
        String section,
        String field,
        String becomes,
        String side,
        String status,
        String proof) {
    /** The head of every support table, by which it is told from other tables. */
    private static final List<String> HEAD = List.of("field", "becomes", "side", "status", "proof");

    private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Pattern FIELD = Pattern.compile("`([A-Z]\\w*)\\.([a-z]\\w*)`");

    /** All rows of a document. */
    static List<SupportRow> read(Path document) {
        List<SupportRow> rows = new ArrayList<>();
        String section = "";
        boolean within = false;
        try {
            List<String> lines = Files.readAllLines(document);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.startsWith("#")) {
                    section = line.replaceFirst("#+ ", "");
                }
                List<String> cells = cells(line);
                if (cells == null) {
                    within = false;
                } else if (cells.equals(HEAD)) {
                    within = true;
                } else if (within && !cells.get(0).startsWith("--")) {
                    rows.add(row(document, i + 1, section, cells));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return rows;
    }

    private static SupportRow row(Path document, int line, String section, List<String> cells) {
        if (cells.size() != HEAD.size()) {
            throw new AssertionError(document + ":" + line + ": expected " + HEAD.size() + " cells, found " + cells);
        }
        return new SupportRow(
                document.getFileName().toString(),
                line,
                section,
                cells.get(0),
                cells.get(1),
                cells.get(2),
                cells.get(3),
                cells.get(4));
    }

    /** The cells of a table's line, or null if it is none. A bar within a cell is written {@code \|}. */
    private static @Nullable List<String> cells(String line) {
        if (!line.startsWith("|") || !line.endsWith("|")) {
            return null;
        }
        return Arrays.stream(line.substring(1, line.length() - 1).split("(?<!\\\\)\\|", -1))
                .map(String::strip)
                .toList();
    }

    /** A test. */
    record Test(String type, String method) {}

    /** The tests that it names. */
    List<Test> tests() {
        List<Test> tests = new ArrayList<>();
        Matcher matcher = TEST.matcher(proof);
        while (matcher.find()) {
            tests.add(new Test(matcher.group(1), matcher.group(2)));
        }
        return tests;
    }

    /** A field of Envoy's, by the last part of its message's name. */
    record EnvoyField(String message, String name) {}

    /** The fields of Envoy's that it names. */
    List<EnvoyField> fields() {
        List<EnvoyField> fields = new ArrayList<>();
        Matcher matcher = FIELD.matcher(becomes);
        while (matcher.find()) {
            fields.add(new EnvoyField(matcher.group(1), matcher.group(2)));
        }
        return fields;
    }

    @Override
    public String toString() {
        return document + ":" + line + " " + section + ": " + field;
    }
}
