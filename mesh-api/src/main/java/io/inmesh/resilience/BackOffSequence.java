package io.inmesh.resilience;

import io.inmesh.model.RetryPolicy.BackOff;
import java.util.random.RandomGenerator;

/**
 * Fully jittered exponential back-off, as Envoy's {@code JitteredExponentialBackOffStrategy} has it: the pauses are drawn from [0, B), [0, 2B), [0, 4B) …,
 * the bound never above the maximum, in whole milliseconds.
 *
 * <p>Envoy's documentation speaks of [0, (2^N - 1)B), which would be 0–24, 0–74 and 0–174 ms with the default B of 25 ms. Its code doubles the bound, and
 * Envoy 1.40 was timed to do so. Pauses before retry 1 to 6, 600 requests to a host that always answers 503, median / 95th percentile in ms:
 *
 * <pre>
 * B = 25 (default)       19/59  32/56  54/98   101/191  121/240  123/241
 * B = 100                53/102 105/197 202/396 401/757 494/963  496/956
 * B = 100, max = 250     54/98  108/194 131/243 126/236 121/236  131/240
 * </pre>
 *
 * The bounds are thus B, 2B, 4B, 8B, 10B, 10B, and B, 2B, max, max; the documented ones would put the second median at 1.5 B.
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
