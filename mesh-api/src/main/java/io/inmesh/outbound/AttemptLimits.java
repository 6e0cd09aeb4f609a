package io.inmesh.outbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.RequestHead;
import io.inmesh.resilience.CallTimeouts;
import io.inmesh.resilience.Deadlines;
import io.inmesh.resilience.Deadlines.Limit;
import java.util.concurrent.TimeUnit;

/** Starts and stops the limits of time of a routed call at the moments from which they count. */
final class AttemptLimits {
    private final CallLoop loop;
    private final Deadlines deadlines;
    private final CallTimeouts timeouts;
    private boolean requestEnded;
    private long requestEndNanos;
    private boolean connected;

    AttemptLimits(CallLoop loop, Deadlines deadlines, CallTimeouts timeouts) {
        this.loop = loop;
        this.deadlines = deadlines;
        this.timeouts = timeouts;
        start(Limit.MAX_STREAM, timeouts.maxStream() - TimeUnit.NANOSECONDS.toMillis(deadlines.elapsedNanos()));
    }

    boolean requestEnded() {
        return requestEnded;
    }

    /** Zero before the request has ended. */
    long millisSinceRequestEnd() {
        return requestEnded ? TimeUnit.NANOSECONDS.toMillis(loop.nanoTime() - requestEndNanos) : 0;
    }

    void onRequestEnd() {
        requestEnded = true;
        requestEndNanos = loop.nanoTime();
        start(Limit.RESPONSE, timeouts.response());
        startAttempt();
    }

    void onConnected() {
        connected = true;
        startAttempt();
    }

    /** A piece of the response has come. */
    void onResponseData() {
        if (deadlines.isRunning(Limit.PER_TRY_IDLE)) {
            start(Limit.PER_TRY_IDLE, timeouts.perTryIdle());
        }
    }

    /** The attempt is the last one, and may take as long as the response. */
    void onResponse() {
        deadlines.stop(Limit.PER_TRY);
        onResponseData();
    }

    void onAttemptOver() {
        connected = false;
        deadlines.stop(Limit.PER_TRY);
        deadlines.stop(Limit.PER_TRY_IDLE);
    }

    /** Tells a host how long it has. */
    void announce(RequestHead head) {
        timeouts.announce(head, millisSinceRequestEnd());
    }

    private void startAttempt() {
        if (connected && requestEnded) {
            start(Limit.PER_TRY, timeouts.perTry());
            start(Limit.PER_TRY_IDLE, timeouts.perTryIdle());
        }
    }

    private void start(Limit limit, long millis) {
        if (millis > 0) {
            deadlines.start(limit, TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }
}
