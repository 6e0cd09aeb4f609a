package io.inmesh.http.wire;

import io.inmesh.exchange.CallLoop.Timer;
import io.inmesh.model.Cluster.HttpOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection in time: after the {@code idle_timeout} without a stream, and at its {@code max_connection_duration}. For idleness there is one
 * timer that looks again, not one for every request.
 */
final class Lifetime {
    private final Connection connection;
    private @Nullable Timer idleTimer;
    private @Nullable Timer expiry;

    /** Nanoseconds; 0 = none. */
    private long idleTimeout;

    private long idleSince;
    private boolean ended;

    Lifetime(Connection connection) {
        this.connection = connection;
    }

    void begin(HttpOptions http) {
        Duration idle = http.idleTimeout();
        idleTimeout = idle == null ? 0 : idle.toNanos();
        Duration longest = http.maxConnectionDuration();
        if (longest != null) {
            expiry = loop().schedule(() -> connection.pool().drain(connection), longest.toNanos());
        }
        idle();
    }

    /** There is no stream from now on. */
    void idle() {
        idleSince = loop().nanoTime();
        if (idleTimer == null && idleTimeout > 0 && !ended) {
            idleTimer = loop().schedule(this::look, idleTimeout);
        }
    }

    void end() {
        ended = true;
        if (idleTimer != null) {
            idleTimer.cancel();
        }
        if (expiry != null) {
            expiry.cancel();
        }
    }

    private void look() {
        idleTimer = null;
        if (ended || connection.active > 0) {
            return;
        }
        long left = idleTimeout - (loop().nanoTime() - idleSince);
        if (left <= 0) {
            connection.pool().drain(connection);
        } else {
            idleTimer = loop().schedule(this::look, left);
        }
    }

    private WireLoop loop() {
        return connection.pool().loop();
    }
}
