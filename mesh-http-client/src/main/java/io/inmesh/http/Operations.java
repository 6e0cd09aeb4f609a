package io.inmesh.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The exchanges under way, and the end of the client when there are none left. */
final class Operations {
    private final Set<Exchange<?>> underWay = ConcurrentHashMap.newKeySet();
    private final Runnable whenIdle;
    private final AtomicBoolean idleSeen = new AtomicBoolean();
    private final CountDownLatch terminated = new CountDownLatch(1);
    private volatile boolean shutdown;

    /** The task runs once, after a shutdown, when the last exchange is over; it leads to {@link #terminated}. */
    Operations(Runnable whenIdle) {
        this.whenIdle = whenIdle;
    }

    /** Counts an exchange; false if the client takes none any more. */
    boolean begin(Exchange<?> exchange) {
        underWay.add(exchange);
        if (shutdown) {
            end(exchange);
            return false;
        }
        return true;
    }

    void end(Exchange<?> exchange) {
        underWay.remove(exchange);
        checkIdle();
    }

    void shutdown() {
        shutdown = true;
        checkIdle();
    }

    /** Gives every exchange up. */
    void cancelAll(Throwable cause) {
        underWay.forEach(exchange -> exchange.abandon(cause));
    }

    void terminated() {
        terminated.countDown();
    }

    boolean isTerminated() {
        return terminated.getCount() == 0;
    }

    boolean awaitTermination(Duration duration) throws InterruptedException {
        long nanos = duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0 ? duration.toNanos() : Long.MAX_VALUE;
        return terminated.await(nanos, TimeUnit.NANOSECONDS);
    }

    private void checkIdle() {
        if (shutdown && underWay.isEmpty() && idleSeen.compareAndSet(false, true)) {
            whenIdle.run();
        }
    }
}
