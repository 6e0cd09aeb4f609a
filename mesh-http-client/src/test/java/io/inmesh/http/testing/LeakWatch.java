package io.inmesh.http.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves a Netty buffer unreleased. Works with the module's test settings: every buffer is watched
 * ({@code io.netty.leakDetection.level=paranoid}), by {@link Detector}.
 */
public final class LeakWatch implements AfterAllCallback {
    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();
    private static final int COLLECTIONS = 3;
    private static final int ALLOCATIONS = 50;

    @Override
    public void afterAll(ExtensionContext context) {
        if (ResourceLeakDetector.getLevel() != ResourceLeakDetector.Level.PARANOID) {
            throw new AssertionError("leak detection is " + ResourceLeakDetector.getLevel() + ", not PARANOID");
        }
        List<String> found = collect();
        if (!found.isEmpty()) {
            throw new AssertionError("buffers were not released:\n" + String.join("\n", found));
        }
    }

    /** What has leaked since the last call. */
    static List<String> collect() {
        // A leak is noticed at an allocation after the buffer was collected.
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            for (int j = 0; j < ALLOCATIONS; j++) {
                ByteBufAllocator.DEFAULT.directBuffer(16).release();
            }
        }
        List<String> found = List.copyOf(LEAKS);
        LEAKS.removeAll(found);
        return found;
    }

    /** Named by {@code io.netty.customResourceLeakDetector}. */
    public static final class Detector<T> extends ResourceLeakDetector<T> {
        /** As Netty makes it. */
        public Detector(Class<?> resourceType, int samplingInterval) {
            super(resourceType, samplingInterval);
        }

        /** As Netty makes it where it gives an upper limit that has no effect any more. */
        @SuppressWarnings("deprecation") // Netty looks for this constructor too
        public Detector(Class<?> resourceType, int samplingInterval, long maxActive) {
            super(resourceType, samplingInterval, maxActive);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            LEAKS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            LEAKS.add(resourceType);
        }
    }
}
