package io.inmesh.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalLogTest {
    private final AtomicLong now = new AtomicLong();
    private final RefusalLog log = new RefusalLog(now::get);

    /** What a ClientHello or a certificate says gets into lines. */
    @ParameterizedTest
    @MethodSource("texts")
    void printable_textOfAStranger_isOneLineOfAscii(String text, String line) {
        assertThat(RefusalLog.printable(text)).isEqualTo(line);
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of("a.test [h2, http/1.1]", "a.test [h2, http/1.1]"),
                Arguments.of("x\n2026 INFO all is well", "x\\u000a2026 INFO all is well"),
                Arguments.of("\u001b[2J\r\t\u007f", "\\u001b[2J\\u000d\\u0009\\u007f"),
                Arguments.of("\u0085\u202e\u2028\ud83d\ude00", "\\u0085\\u202e\\u2028\\ud83d\\ude00"));
    }

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
