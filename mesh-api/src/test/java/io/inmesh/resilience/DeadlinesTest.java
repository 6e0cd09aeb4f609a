package io.inmesh.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.HandLoop;
import io.inmesh.resilience.Deadlines.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private final HandLoop loop = new HandLoop();
    private final List<String> passed = new ArrayList<>();
    private final Deadlines deadlines = new Deadlines(loop, limit -> passed.add(limit + "@" + elapsedMillis()));

    private long elapsedMillis() {
        return deadlines.elapsedNanos() / 1_000_000;
    }

    private void start(Limit limit, long millis) {
        deadlines.start(limit, Duration.ofMillis(millis).toNanos());
    }

    @Test
    void limits_passInTheirOrderOnOneTimer() {
        start(Limit.STREAM_IDLE, 300);
        start(Limit.RESPONSE, 100);
        start(Limit.PER_TRY, 200);
        assertThat(loop.timers()).isEqualTo(1);
        loop.advance(Duration.ofSeconds(1));
        assertThat(passed).containsExactly("RESPONSE@100", "PER_TRY@200", "STREAM_IDLE@300");
        assertThat(loop.timers()).isZero();
    }

    @Test
    void limitThatMovesOn_passesAtItsNewTime() {
        start(Limit.STREAM_IDLE, 100);
        for (int i = 0; i < 5; i++) {
            loop.advance(Duration.ofMillis(60));
            start(Limit.STREAM_IDLE, 100);
        }
        assertThat(passed).isEmpty();
        loop.advance(Duration.ofSeconds(1));
        assertThat(passed).containsExactly("STREAM_IDLE@400");
    }

    @Test
    void stoppedLimit_doesNotPass() {
        start(Limit.RESPONSE, 100);
        start(Limit.PER_TRY, 50);
        deadlines.stop(Limit.PER_TRY);
        assertThat(deadlines.isRunning(Limit.PER_TRY)).isFalse();
        loop.advance(Duration.ofSeconds(1));
        assertThat(passed).containsExactly("RESPONSE@100");
    }

    @Test
    void stopAllWhileOnePasses_stopsTheOthersOfTheSameMoment() {
        List<Limit> heard = new ArrayList<>();
        Deadlines[] self = new Deadlines[1];
        self[0] = new Deadlines(loop, limit -> {
            heard.add(limit);
            self[0].stopAll();
        });
        self[0].start(Limit.RESPONSE, 10);
        self[0].start(Limit.MAX_STREAM, 10);
        loop.advance(Duration.ofSeconds(1));
        assertThat(heard).hasSize(1);
        assertThat(loop.timers()).isZero();
    }

    @Test
    void endlessLimit_doesNotOverflow() {
        deadlines.start(Limit.RESPONSE, Long.MAX_VALUE);
        loop.advance(Duration.ofDays(365));
        assertThat(passed).isEmpty();
    }
}
