package io.inmesh.inbound;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.CallLoop.Timer;
import io.inmesh.model.ClientRules;
import org.jspecify.annotations.Nullable;

/**
 * How long a connection lives: {@code idle_timeout} without a request, and {@code max_connection_duration} in all. As in Envoy it is drained then, and requests under way
 * are finished. For idleness there is one timer that looks again, not one for every request. Lives on the connection's loop.
 */
final class ConnectionLife {
    private final CallLoop loop;
    private final Runnable drain;

    /** Zero for none. */
    private final long idleNanos;

    private @Nullable Timer idleTimer;
    private @Nullable Timer expiry;
    private int requests;
    private long idleSince;
    private boolean ended;

    /** Starts the clock. */
    ConnectionLife(CallLoop loop, ClientRules rules, Runnable drain) {
        this.loop = loop;
        this.drain = drain;
        this.idleNanos = ServedHttp.nanos(rules.idleTimeout());
        long most = ServedHttp.nanos(rules.maxConnectionDuration());
        if (most > 0) {
            expiry = loop.schedule(this::expire, most);
        }
        idle();
    }

    void requestBegun() {
        requests++;
    }

    void requestOver() {
        requests--;
        if (requests == 0) {
            idle();
        }
    }

    private void idle() {
        idleSince = loop.nanoTime();
        if (idleTimer == null && idleNanos > 0 && !ended) {
            idleTimer = loop.schedule(this::look, idleNanos);
        }
    }

    private void look() {
        idleTimer = null;
        if (ended || requests > 0) {
            return;
        }
        long left = idleNanos - (loop.nanoTime() - idleSince);
        if (left <= 0) {
            expire();
        } else {
            idleTimer = loop.schedule(this::look, left);
        }
    }

    private void expire() {
        end();
        drain.run();
    }

    /** No more timers; to be called once the connection is closed or drained. */
    void end() {
        ended = true;
        if (idleTimer != null) {
            idleTimer.cancel();
        }
        if (expiry != null) {
            expiry.cancel();
        }
    }
}
