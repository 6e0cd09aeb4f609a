package io.inmesh.samples.stage;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A steady stream of requests to one address, whatever happens meanwhile. */
public final class Traffic implements AutoCloseable {
    private final HttpClient client;
    private final int requestsASecond;
    private final URI address;
    private final String nameField;
    private final List<String> known;
    private final Tally total;
    private volatile Tally window;
    private final ScheduledExecutorService pace =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("pace"));
    private volatile String user = "anna";

    /**
     * Traffic that has not started.
     *
     * @param requestsASecond the pace, which does not wait for answers
     * @param nameField the field of a response that says who answered; a response without it is a failure
     * @param known     who is expected to answer, as far as that is known
     */
    public Traffic(HttpClient client, URI address, int requestsASecond, String nameField, List<String> known) {
        this.requestsASecond = requestsASecond;
        this.client = client;
        this.address = address;
        this.nameField = nameField;
        this.known = known;
        this.total = new Tally(known);
        this.window = new Tally(known);
    }

    /** Begins to send. */
    public void start() {
        long gap = TimeUnit.SECONDS.toNanos(1) / requestsASecond;
        Future<?> unused = pace.scheduleAtFixedRate(this::send, 0, gap, TimeUnit.NANOSECONDS);
    }

    /** Who the requests are from, from now on: the value of their {@code x-user} header. */
    public void user(String newUser) {
        user = newUser;
    }

    private void send() {
        HttpRequest request =
                HttpRequest.newBuilder(address).header("x-user", user).build();
        long start = System.nanoTime();
        Tally currentWindow = window;
        total.sent();
        currentWindow.sent();
        CompletableFuture<?> unused = client.sendAsync(request, BodyHandlers.ofString())
                .whenComplete(
                        (response, failure) -> record(currentWindow, response, failure, System.nanoTime() - start));
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
    public Tally total() {
        return total;
    }

    /** Starts a new count and gives the one so far; answers still on their way are added to the old one. */
    public Tally nextWindow() {
        Tally last = window;
        window = new Tally(known);
        return last;
    }

    /** What a second's requests became, once they are all answered. */
    public Tally second() throws InterruptedException {
        TimeUnit.SECONDS.sleep(1);
        Tally second = nextWindow();
        while (second.outstanding() > 0) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return second;
    }

    /** Sends no more and waits, for thirty seconds at most, for the answers that are on their way. */
    public void finish() throws InterruptedException {
        pace.shutdown();
        pace.awaitTermination(1, TimeUnit.SECONDS);
        for (int i = 0; i < 600 && total.outstanding() > 0; i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Override
    public void close() {
        pace.shutdownNow();
    }
}
