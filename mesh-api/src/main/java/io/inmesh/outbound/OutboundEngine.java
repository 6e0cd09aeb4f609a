package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.MeshException;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.RequestHead;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The outbound side of a mesh: compiles each snapshot on the configuration thread, puts it in force with one write, and makes calls. {@link io.inmesh.Mesh} is
 * its face to applications.
 *
 * <p>Thread-safe.
 */
public final class OutboundEngine implements AutoCloseable {

    /** Longer than the 15 s after which xDS takes a resource that never came for missing. */
    public static final Duration DEFAULT_CONFIGURATION_TIMEOUT = Duration.ofSeconds(20);

    private final ConfigurationSource source;
    private final Duration configurationTimeout;
    private final Predicate<Destination> passthrough;
    private final ConfigurationWait waiting = new ConfigurationWait();
    private volatile MeshSnapshot snapshot = MeshSnapshot.EMPTY;

    /** An engine that does not listen to its source yet. */
    public OutboundEngine(
            ConfigurationSource source, Duration configurationTimeout, Predicate<Destination> passthrough) {
        this.source = source;
        this.configurationTimeout = configurationTimeout;
        this.passthrough = passthrough;
    }

    /** Starts the source. Called once. */
    public void start() {
        source.start(this::apply);
    }

    private void apply(MeshSnapshot next) {
        snapshot = next;
        waiting.wakeAll();
    }

    /** See {@link io.inmesh.Mesh#snapshot}. */
    public MeshSnapshot snapshot() {
        return snapshot;
    }

    /** See {@link io.inmesh.Mesh#awaitReady}. */
    public void awaitReady(Duration timeout) throws MeshException, InterruptedException {
        CountDownLatch ready = new CountDownLatch(1);
        Runnable waiter = ready::countDown;
        waiting.add(waiter);
        if (snapshot.generation() == 0 && !ready.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            waiting.remove(waiter);
            throw new MeshException("no configuration after " + timeout, null, null, null);
        }
        waiting.remove(waiter);
    }

    /** See {@link io.inmesh.Mesh#explain}. */
    public Explanation explain(RequestHead head) {
        return explanation(head);
    }

    /** See {@link io.inmesh.Mesh#newCall}. */
    public OutboundCall newCall(
            CallLoop loop,
            UpstreamTransport transport,
            RequestHead head,
            @Nullable RequestBody body,
            CallOptions options,
            OutboundCall.Observer observer) {
        return new OutboundCall() {
            @Override
            public void start() {
                observer.onFailure(
                        new MeshException("not yet: " + transport + body + options, explanation(head), null, null));
            }

            @Override
            public void request(long bytes) {}

            @Override
            public void cancel() {}
        };
    }

    private Explanation explanation(RequestHead head) {
        return new Explanation(
                new Destination(head.scheme(), head.authority(), 80),
                passthrough.test(new Destination(head.scheme(), head.authority(), 80))
                        ? Explanation.Verdict.PASSTHROUGH
                        : Explanation.Verdict.WAITING,
                "for " + configurationTimeout,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @Override
    public void close() {
        source.close();
    }
}
