package io.inmesh.samples.quickstart;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts of requests and what became of them. */
final class Tally {
    /** More than the requests of a scene; later ones are counted but not timed. */
    private static final int TIMED = 1 << 16;

    private final LongAdder sent = new LongAdder();
    private final LongAdder v1 = new LongAdder();
    private final LongAdder v2 = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile String lastTrouble = "";
    private final AtomicLong answers = new AtomicLong();
    private final long[] nanos = new long[TIMED];

    void sent() {
        sent.increment();
    }

    void answered(String version, String trouble, long took) {
        switch (version) {
            case "v1" -> v1.increment();
            case "v2" -> v2.increment();
            default -> {
                failed.increment();
                lastTrouble = trouble;
            }
        }
        int index = (int) Math.min(answers.getAndIncrement(), TIMED);
        if (index < TIMED) {
            nanos[index] = took;
        }
    }

    long count() {
        return sent.sum();
    }

    long outstanding() {
        return sent.sum() - answers.get();
    }

    long failures() {
        return failed.sum();
    }

    String lastTrouble() {
        return lastTrouble;
    }

    long answeredBy(String version) {
        return version.equals("v1") ? v1.sum() : v2.sum();
    }

    /** v2's part of all answers, 0 to 1. */
    double shareOfV2() {
        long all = v1.sum() + v2.sum();
        return all == 0 ? 0 : (double) v2.sum() / all;
    }

    /** Whether v2's part is within five standard deviations of what a random choice with this probability gives. */
    boolean isNear(double probability) {
        long all = v1.sum() + v2.sum();
        return all > 0 && Math.abs(shareOfV2() - probability) <= 5 * Math.sqrt(probability * (1 - probability) / all);
    }

    double percentileMillis(double percent) {
        int timed = (int) Math.min(answers.get(), TIMED);
        if (timed == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, timed);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(timed - 1, Math.round(timed * percent / 100))]
                / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    void add(Tally other) {
        sent.add(other.sent.sum());
        v1.add(other.v1.sum());
        v2.add(other.v2.sum());
        failed.add(other.failed.sum());
    }
}
