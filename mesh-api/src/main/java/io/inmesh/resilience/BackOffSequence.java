package io.inmesh.resilience;

import io.inmesh.model.RetryPolicy.BackOff;
import java.util.random.RandomGenerator;

/**
 * Fully jittered exponential back-off, as Envoy's {@code JitteredExponentialBackOffStrategy} has it: the pauses are drawn from [0, B), [0, 2B), [0, 4B) …,
 * the bound never above the maximum, in whole milliseconds.
 *
 * <p>Envoy's documentation speaks of [0, (2^N - 1)B), that is 0–24, 0–74 and 0–174 ms with the default of 25 ms. Its code doubles the bound, and so does
 * the binary: see {@code BackOffSequenceTest} for what was timed.
 */
final class BackOffSequence {
    private final long maxMillis;
    private final RandomGenerator random;
    private long nextMillis;

    BackOffSequence(BackOff backOff, RandomGenerator random) {
        // RetryBackOff.base_interval: below a millisecond is rounded up to one.
        this.nextMillis = Math.max(1, backOff.base().toMillis());
        this.maxMillis = Math.max(nextMillis, backOff.max().toMillis());
        this.random = random;
    }

    long nextMillis() {
        long bound = nextMillis;
        nextMillis = nextMillis < maxMillis / 2 ? nextMillis * 2 : maxMillis;
        return random.nextLong(bound);
    }
}
