package io.inmesh.http.security;

import io.inmesh.http.MeshHttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** So many requests a second, one after the other in HTTP/1.1 and in HTTP/2, on a thread of its own, until it is ended. */
@SuppressWarnings("FutureReturnValueIgnored") // counted where they end
final class SteadyLoad implements AutoCloseable {
    /** Under way at most, so that a slow machine shows in the figures and not as an overflow. */
    private static final int CONCURRENT = 16;

    private static final int MOST_REMEMBERED = 20;

    final AtomicLong answered = new AtomicLong();
    final AtomicLong failed = new AtomicLong();
    final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final NavigableSet<Long> underWay = new ConcurrentSkipListSet<>();
    private volatile long newest;
    private final MeshHttpClient client;
    private final int perSecond;
    private final Semaphore room = new Semaphore(CONCURRENT);
    private final Thread thread = new Thread(this::run, "steady-load");
    private volatile boolean ended;

    SteadyLoad(MeshHttpClient client, int perSecond) {
        this.client = client;
        this.perSecond = perSecond;
        thread.start();
    }

    private void run() {
        long start = System.nanoTime();
        for (long i = 0; ; i++) {
            long due = start + i * 1_000_000_000L / perSecond;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            room.acquireUninterruptibly();
            if (ended) {
                room.release();
                return;
            }
            newest = i;
            long number = i;
            underWay.add(number);
            HttpRequest request = HttpRequest.newBuilder(SecuredClient.uri((int) (i % 2) + 1, "/" + i))
                    .build();
            client.sendAsync(request, BodyHandlers.ofString()).whenComplete((response, failure) -> {
                // Counted first: whoever sees that it is over sees it in the counts.
                count(request, response, failure);
                underWay.remove(number);
                room.release();
            });
        }
    }

    /** Tells whether all requests that are under way now are over. */
    BooleanSupplier over() {
        long last = newest;
        return () -> newest > last && underWay.headSet(last, true).isEmpty();
    }

    private void count(HttpRequest request, @Nullable HttpResponse<String> response, @Nullable Throwable failure) {
        if (response != null && response.statusCode() == 200) {
            answered.incrementAndGet();
        } else if (failed.incrementAndGet() <= MOST_REMEMBERED) {
            failures.add(request.uri() + ": "
                    + (response == null ? failure : response.statusCode() + " " + response.body()));
        }
    }

    /** Returns when all that was sent is answered. */
    @Override
    public void close() {
        ended = true;
        room.acquireUninterruptibly(CONCURRENT);
        room.release(CONCURRENT);
    }
}
