package io.inmesh.http.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import org.junit.jupiter.api.Test;

class LeakWatchTest {
    @Test
    void buffer_thatNobodyReleases_isNoticed() {
        assertThat(ResourceLeakDetectorFactory.instance().newResourceLeakDetector(Object.class))
                .isInstanceOf(LeakWatch.Detector.class);
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);

        ByteBufAllocator.DEFAULT.directBuffer(16);
        await().until(() -> !LeakWatch.collect().isEmpty());
    }
}
