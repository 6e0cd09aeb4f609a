package io.inmesh.samples.quickstart;

import io.inmesh.samples.stage.Screen;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The log of this process, which SLF4J's simple logger writes to {@code System.err}: shown on the screen, and kept for the scene to read. */
final class ProcessLog extends OutputStream {
    private final Screen screen;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private ProcessLog(Screen screen) {
        this.screen = screen;
    }

    /** Takes the place of {@code System.err}. */
    static ProcessLog install(Screen screen) {
        ProcessLog log = new ProcessLog(screen);
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        return log;
    }

    @Override
    public synchronized void write(int octet) {
        if (octet != '\n') {
            line.write(octet);
            return;
        }
        String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
        line.reset();
        lines.add(text);
        screen.note("log: " + text);
    }

    /** How many lines there are. */
    int size() {
        return lines.size();
    }

    /** Whether a line from this one on has all of these in it. */
    boolean hasLine(int from, String... parts) {
        return lines.stream().skip(from).anyMatch(text -> List.of(parts).stream()
                .allMatch(text::contains));
    }
}
