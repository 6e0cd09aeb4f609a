package io.inmesh.samples.stage;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/** Counts of requests and who answered them. */
public final class Tally {
    /** More than the requests of a scene; later ones are counted but not timed. */
    private static final int TIMED = 1 << 16;

    private final LongAdder sent = new LongAdder();
    private final SortedMap<String, LongAdder> answeredBy = new ConcurrentSkipListMap<>();
    private final LongAdder failed = new LongAdder();
    private volatile String lastTrouble = "";
    private final AtomicLong answers = new AtomicLong();
    private final long[] nanos = new long[TIMED];

    /** Counts of nothing yet; {@code known} are shown even if they answer nothing. */
    public Tally(List<String> known) {
        known.forEach(this::count);
    }

    private LongAdder count(String who) {
        return answeredBy.computeIfAbsent(who, unused -> new LongAdder());
    }

    /** A request has gone out. */
    public void sent() {
        sent.increment();
    }

    /** An answer, or none: {@code who} is empty then. */
    public void answered(String who, String trouble, long took) {
        if (who.isEmpty()) {
            failed.increment();
            lastTrouble = trouble;
        } else {
            count(who).increment();
        }
        int index = (int) Math.min(answers.getAndIncrement(), TIMED);
        if (index < TIMED) {
            nanos[index] = took;
        }
    }

    /** How many were sent. */
    public long count() {
        return sent.sum();
    }

    /** How many are not answered yet. */
    public long outstanding() {
        return sent.sum() - answers.get();
    }

    /** How many got no good answer. */
    public long failures() {
        return failed.sum();
    }

    /** What was wrong with the last of them; empty if none was. */
    public String lastTrouble() {
        return lastTrouble;
    }

    /** Those who answered, in alphabetical order. */
    public List<String> names() {
        return List.copyOf(answeredBy.keySet());
    }

    /** How many one has answered. */
    public long answeredBy(String who) {
        LongAdder count = answeredBy.get(who);
        return count == null ? 0 : count.sum();
    }

    /** One's part of all answers, 0 to 1. */
    public double shareOf(String who) {
        long all = answeredByAll();
        return all == 0 ? 0 : (double) answeredBy(who) / all;
    }

    /** Whether one's part is within six standard deviations of what a random choice with this probability gives. */
    public boolean isNear(String who, double probability) {
        long all = answeredByAll();
        return all > 0 && Math.abs(shareOf(who) - probability) <= 6 * Math.sqrt(probability * (1 - probability) / all);
    }

    private long answeredByAll() {
        return answeredBy.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** How long answers took. */
    public double percentileMillis(double percent) {
        int timed = (int) Math.min(answers.get(), TIMED);
        if (timed == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, timed);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(timed - 1, Math.round(timed * percent / 100))]
                / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** The same answers under other names. */
    public Tally by(UnaryOperator<String> names) {
        Tally other = new Tally(List.of());
        other.sent.add(sent.sum());
        other.failed.add(failed.sum());
        other.answers.set(answers.get());
        answeredBy.forEach((who, count) -> other.count(names.apply(who)).add(count.sum()));
        System.arraycopy(nanos, 0, other.nanos, 0, TIMED);
        return other;
    }

    /** Adds the counts of another, not its times. */
    public void add(Tally other) {
        sent.add(other.sent.sum());
        other.answeredBy.forEach((who, count) -> count(who).add(count.sum()));
        failed.add(other.failed.sum());
    }
}
