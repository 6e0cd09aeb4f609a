package io.inmesh.resilience;

import io.inmesh.exchange.CallLoop;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All the limits of time of one call, on one timer: a call has half a dozen of them and hardly any ever passes, so each of them costs an array
 * element, and the loop is asked for a timer only when a limit comes before the one that is running. Limits that every byte moves on
 * ({@link Limit#STREAM_IDLE}) just move; the timer finds out when it goes off too early.
 */
public final class Deadlines {

    /** What may take too long. */
    public enum Limit {
        /** Receiving the whole request from the application. */
        REQUEST,
        /** From the end of the request to the end of the response. */
        RESPONSE,
        /** The stream as a whole. */
        MAX_STREAM,
        /** Without a byte in either direction. */
        STREAM_IDLE,
        /** One attempt. */
        PER_TRY,
        /** One attempt without a byte of its response. */
        PER_TRY_IDLE,
        /** Not a failure: the pause before a retry is over. */
        BACK_OFF
    }

    /** Told on the loop that a limit has passed. */
    public interface Owner {
        /** It has passed. */
        void onDeadline(Limit limit);
    }

    private static final Limit[] LIMITS = Limit.values();
    private static final long NONE = Long.MAX_VALUE;

    private final CallLoop loop;
    private final Owner owner;
    private final long origin;

    /** Nanoseconds since {@link #origin}, by {@link #place}. */
    private final long[] due = new long[LIMITS.length];

    private CallLoop.@Nullable Timer timer;
    private long timerDue = NONE;

    /** No limit is running yet. */
    public Deadlines(CallLoop loop, Owner owner) {
        this.loop = loop;
        this.owner = owner;
        this.origin = loop.nanoTime();
        Arrays.fill(due, NONE);
    }

    /** Starts a limit, or starts it anew. */
    public void start(Limit limit, long nanos) {
        // A limit of centuries must not overflow.
        long at = now() + Math.min(nanos, NONE / 2);
        due[place(limit)] = at;
        if (at < timerDue) {
            schedule(at);
        }
    }

    /** Whether it is. */
    public boolean isRunning(Limit limit) {
        return due[place(limit)] != NONE;
    }

    /** It does not count any more. */
    public void stop(Limit limit) {
        due[place(limit)] = NONE;
    }

    /** None counts any more. */
    public void stopAll() {
        Arrays.fill(due, NONE);
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        timerDue = NONE;
    }

    /** Since the call began. */
    public long elapsedNanos() {
        return now();
    }

    private long now() {
        return loop.nanoTime() - origin;
    }

    @SuppressWarnings("EnumOrdinal") // a place in an array that lives no longer than the call, and costs no look-up
    private static int place(Limit limit) {
        return limit.ordinal();
    }

    private void schedule(long at) {
        if (timer != null) {
            timer.cancel();
        }
        timerDue = at;
        timer = loop.schedule(this::onTimer, Math.max(0, at - now()));
    }

    private void onTimer() {
        timer = null;
        timerDue = NONE;
        long now = now();
        for (int first = earliest(); first >= 0; first = earliest()) {
            if (due[first] > now) {
                if (due[first] < timerDue) {
                    schedule(due[first]);
                }
                return;
            }
            due[first] = NONE;
            owner.onDeadline(LIMITS[first]);
        }
    }

    /** The limit that passes first, or -1 if none is running. */
    private int earliest() {
        int first = -1;
        for (int i = 0; i < due.length; i++) {
            if (due[i] != NONE && (first < 0 || due[i] < due[first])) {
                first = i;
            }
        }
        return first;
    }
}
