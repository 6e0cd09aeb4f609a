package io.inmesh.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
    private final AtomicLong now = new AtomicLong();
    private final RefusalLog log = new RefusalLog(now::get);

    @Test
    void lines_moreThanASecondHolds_areLeftOutAndCounted() {
        for (int i = 0; i < RefusalLog.LINES_A_SECOND; i++) {
            assertThat(log.mayWrite()).isTrue();
        }
        assertThat(log.mayWrite()).isFalse();
        assertThat(log.mayWrite()).isFalse();

        now.addAndGet(TimeUnit.SECONDS.toNanos(1));

        assertThat(log.mayWrite()).isTrue();
        assertThat(log.takeLeftOut()).isEqualTo(2);
        assertThat(log.takeLeftOut()).isZero();
    }
}
