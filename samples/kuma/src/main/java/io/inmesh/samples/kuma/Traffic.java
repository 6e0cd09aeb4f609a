package io.inmesh.samples.kuma;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A steady stream of requests to orders, whatever happens meanwhile. */
final class Traffic implements AutoCloseable {
    /** The recorded mesh limits each cluster to four requests at a time (MeshCircuitBreaker); what would be too much waits. */
    private static final int AT_A_TIME = 3;

    private final HttpClient client;
    private final String nameField;
    private final int requestsASecond;
    private final Tally total = new Tally(List.of());
    private volatile Tally window = new Tally(List.of());
    private final Semaphore room = new Semaphore(AT_A_TIME);
    private final ScheduledExecutorService pace =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("pace"));

    /**
     * Traffic that has not started.
     *
     * @param nameField the field of a response that says who answered; a response without it is a failure
     */
    Traffic(HttpClient client, String nameField, int requestsASecond) {
        this.client = client;
        this.nameField = nameField;
        this.requestsASecond = requestsASecond;
    }

    void start() {
        long gap = TimeUnit.SECONDS.toNanos(1) / requestsASecond;
        Future<?> unused = pace.scheduleAtFixedRate(this::send, 0, gap, TimeUnit.NANOSECONDS);
    }

    private void send() {
        room.acquireUninterruptibly();
        HttpRequest request = HttpRequest.newBuilder(Caller.ORDER)
                .timeout(Duration.ofSeconds(15))
                .build();
        long start = System.nanoTime();
        Tally currentWindow = window;
        total.sent();
        currentWindow.sent();
        CompletableFuture<?> unused = client.sendAsync(request, BodyHandlers.ofString())
                .whenComplete((response, failure) -> {
                    room.release();
                    record(currentWindow, response, failure, System.nanoTime() - start);
                });
    }

    private void record(
            Tally currentWindow, @Nullable HttpResponse<String> response, @Nullable Throwable failure, long nanos) {
        String who = response != null && response.statusCode() == 200
                ? response.headers().firstValue(nameField).orElse("")
                : "";
        String trouble = "";
        if (failure != null) {
            trouble = failure.toString();
        } else if (who.isEmpty() && response != null) {
            trouble = response.statusCode() + " " + response.body();
        }
        total.answered(who, trouble, nanos);
        currentWindow.answered(who, trouble, nanos);
    }

    /** Everything since the start. */
    Tally total() {
        return total;
    }

    /** Starts a new count and gives the one so far; answers still on their way are added to the old one. */
    Tally nextWindow() {
        Tally last = window;
        window = new Tally(List.of());
        return last;
    }

    /** What a second's requests became, once they are all answered. */
    Tally second() throws InterruptedException {
        TimeUnit.SECONDS.sleep(1);
        Tally second = nextWindow();
        while (second.outstanding() > 0) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return second;
    }

    /** Sends no more and waits, for twenty seconds at most, for the answers that are on their way. */
    void finish() throws InterruptedException {
        pace.shutdown();
        pace.awaitTermination(1, TimeUnit.SECONDS);
        for (int i = 0; i < 400 && total.outstanding() > 0; i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Override
    public void close() {
        pace.shutdownNow();
    }
}
