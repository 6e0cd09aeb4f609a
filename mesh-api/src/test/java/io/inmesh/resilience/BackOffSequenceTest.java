package io.inmesh.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.RetryPolicy.BackOff;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BackOffSequenceTest {
    private static final int CALLS = 20_000;

    /** Bounds as they were measured with Envoy 1.40; {@link BackOffSequence} has the figures. */
    static Stream<Arguments> bounds() {
        return Stream.of(
                Arguments.of(BackOff.DEFAULT, new long[] {25, 50, 100, 200, 250, 250}),
                Arguments.of(millis(100, 1000), new long[] {100, 200, 400, 800, 1000, 1000}),
                Arguments.of(millis(100, 250), new long[] {100, 200, 250, 250, 250, 250}),
                Arguments.of(millis(100, 200), new long[] {100, 200, 200, 200}),
                Arguments.of(millis(100, 100), new long[] {100, 100, 100}),
                Arguments.of(millis(1, 1), new long[] {1, 1}),
                Arguments.of(new BackOff(Duration.ofNanos(1), Duration.ofMillis(4)), new long[] {1, 2, 4, 4}));
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void nextMillis_overManyCalls_fillsDoublingBoundsEvenly(BackOff backOff, long[] bounds) {
        long seed = 1;
        Random random = new Random(seed);
        long[] sum = new long[bounds.length];
        long[] max = new long[bounds.length];
        for (int call = 0; call < CALLS; call++) {
            BackOffSequence sequence = new BackOffSequence(backOff, random);
            for (int retry = 0; retry < bounds.length; retry++) {
                long pause = sequence.nextMillis();
                sum[retry] += pause;
                max[retry] = Math.max(max[retry], pause);
            }
        }
        for (int retry = 0; retry < bounds.length; retry++) {
            long bound = bounds[retry];
            assertThat(max[retry])
                    .as("greatest pause of retry %d, seed %d", retry + 1, seed)
                    .isLessThan(bound)
                    .isGreaterThanOrEqualTo(bound - 1 - bound / 100);
            double deviation = 6 * Math.sqrt(((double) bound * bound - 1) / 12 / CALLS);
            assertThat((double) sum[retry] / CALLS)
                    .as("mean pause of retry %d, seed %d", retry + 1, seed)
                    .isBetween((bound - 1) / 2.0 - deviation, (bound - 1) / 2.0 + deviation);
        }
    }

    @Test
    void nextMillis_withSameSeed_isTheSame() {
        BackOffSequence one = new BackOffSequence(BackOff.DEFAULT, new Random(7));
        BackOffSequence other = new BackOffSequence(BackOff.DEFAULT, new Random(7));
        for (int i = 0; i < 10; i++) {
            assertThat(one.nextMillis()).isEqualTo(other.nextMillis());
        }
    }

    private static BackOff millis(long base, long max) {
        return new BackOff(Duration.ofMillis(base), Duration.ofMillis(max));
    }
}
