package io.inmesh.samples.stage;

import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a person sees: a line a second, a title for each act. Colours only on a terminal. */
public final class Screen {
    private static final String BOLD = "\u001b[1m";
    private static final String RED = "\u001b[31m";
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final PrintStream out;
    private final boolean terminal;
    private final long start = System.nanoTime();

    /** Writes to a stream, with colours if it is a terminal. */
    public Screen(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** What comes now. */
    public void title(String text) {
        line(BOLD, "-- " + text);
    }

    /** A fact. */
    public void note(String text) {
        line(DIM, "   " + text);
    }

    /** What is not as it should be. */
    public void warn(String text) {
        line(RED, "!! " + text);
    }

    /** A second of traffic. */
    public void second(Tally tally) {
        String shares = tally.names().stream()
                .map(who -> String.format(Locale.ROOT, "%s %5.1f%%", who, 100 * tally.shareOf(who)))
                .collect(Collectors.joining("  "));
        String text = String.format(
                Locale.ROOT,
                "%4ds %5d requests %3d failed   %s   p50 %5.1f ms  p99 %6.1f ms",
                (System.nanoTime() - start) / 1_000_000_000L,
                tally.count(),
                tally.failures(),
                shares,
                tally.percentileMillis(50),
                tally.percentileMillis(99));
        line(tally.failures() > 0 ? RED : "", text);
        if (tally.failures() > 0) {
            warn("a failure: " + tally.lastTrouble());
        }
    }

    /** The last line, without ornament. */
    public void verdict(String text) {
        out.println(text);
        out.flush();
    }

    private void line(String colour, String text) {
        out.println(terminal && !colour.isEmpty() ? colour + text + PLAIN : text);
        out.flush();
    }
}
