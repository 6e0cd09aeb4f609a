package io.inmesh.xds.protocol;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waiting times between attempts, as Envoy's {@code JitteredExponentialBackOffStrategy} draws them for its management server: evenly from [0, base),
 * [0, 2 base), [0, 4 base) and so on, the interval never longer than the maximum.
 */
public final class Backoff {
    private final RandomGenerator random;
    private final long baseNanos;
    private final long maxNanos;
    private long intervalNanos;

    /** A sequence at its beginning. */
    public Backoff(RandomGenerator random, Duration base, Duration max) {
        this.random = random;
        this.baseNanos = base.toNanos();
        this.maxNanos = Math.max(max.toNanos(), baseNanos);
        this.intervalNanos = baseNanos;
    }

    /** The next wait. */
    public Duration next() {
        Duration wait = Duration.ofNanos(random.nextLong(intervalNanos));
        intervalNanos = Math.min(intervalNanos * 2, maxNanos);
        return wait;
    }

    /** Back to the beginning. */
    public void reset() {
        intervalNanos = baseNanos;
    }
}
