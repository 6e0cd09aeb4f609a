package io.inmesh.transport;

import java.util.Arrays;

/**
 * When each generation of secrets gave way to the next one, which tells how long connections of an earlier one may go on. Immutable.
 *
 * <p>Only the newest generations are remembered: a secret that changes more often than that within one drain period ends its connections earlier.
 */
final class Succession {
    private static final int REMEMBERED = 64;

    private final TlsOptions options;

    /** The newest generation. */
    private final long number;

    /** When generation {@code number - 1 - i} was replaced is at {@code i}. */
    private final long[] replacedNanos;

    /** Connections of generations below were made while a root was trusted that has been withdrawn since. */
    private final long soundSince;

    /** The newest generation that let peers in without knowing who they are; 0 for none. */
    private final long openUntil;

    private Succession(TlsOptions options, long number, long[] replacedNanos, long soundSince, long openUntil) {
        this.options = options;
        this.number = number;
        this.replacedNanos = replacedNanos;
        this.soundSince = soundSince;
        this.openUntil = openUntil;
    }

    /** Before the first generation. */
    static Succession none(TlsOptions options) {
        return new Succession(options, 0, new long[0], 0, 0);
    }

    /**
     * A new generation takes over.
     *
     * @param verifies whether it lets nobody in who is not verified
     */
    Succession next(boolean rootWithdrawn, boolean verifies, long nowNanos) {
        int length = (int) Math.min(REMEMBERED, number);
        long[] longer = new long[length];
        if (length > 0) {
            System.arraycopy(replacedNanos, 0, longer, 1, length - 1);
            longer[0] = nowNanos;
        }
        return new Succession(
                options,
                number + 1,
                longer,
                rootWithdrawn ? number + 1 : soundSince,
                verifies ? openUntil : number + 1);
    }

    long number() {
        return number;
    }

    /** Whether a peer that got through a handshake with these contexts was verified by it. */
    boolean verifies(long generation) {
        return generation > openUntil;
    }

    /** {@link ClientTls#isOutdated}. */
    boolean isOutdated(long generation, long nowNanos) {
        if (generation >= number) {
            return false;
        }
        if (options.drainOnRootRemoval() && generation < soundSince) {
            return true;
        }
        long age = number - 1 - generation;
        return age >= replacedNanos.length
                || nowNanos - replacedNanos[(int) age] >= options.drainPeriod().toNanos();
    }

    @Override
    public String toString() {
        return "generation " + number + ", replaced " + Arrays.toString(replacedNanos);
    }
}
