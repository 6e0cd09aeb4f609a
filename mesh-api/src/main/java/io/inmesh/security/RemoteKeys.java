package io.inmesh.security;

import io.inmesh.model.JwtKeys;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that are fetched. There is one fetch at a time, whoever needs it; after one that failed there is none for a while, and the last good keys stay in force.
 *
 * <p>With {@code async_fetch}, keys are fetched from the beginning on and again 5 s before they are too old, and nobody waits for any but the first. Without, the
 * first request that needs them has them fetched and waits, and so does one that comes when they are too old; one that comes less than 5 s before has them
 * fetched and does not wait.
 */
final class RemoteKeys implements KeySource {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteKeys.class);
    private static final long REFRESH_BEFORE_MILLIS = 5_000;
    private static final Duration FAILED_REFETCH = Duration.ofSeconds(1);

    private final JwtKeys.Remote source;
    private final JwksFetcher fetcher;
    private final ScheduledExecutorService scheduler;
    private final InstantSource clock;
    private final AtomicReference<@Nullable CompletableFuture<@Nullable JsonWebKeys>> underWay =
            new AtomicReference<>();
    private volatile Known known = new Known(null, 0, 0, 0);

    /** @param scheduler for the timeout of a fetch and for those ahead of time, and reads what was fetched */
    RemoteKeys(JwtKeys.Remote source, JwksFetcher fetcher, ScheduledExecutorService scheduler, InstantSource clock) {
        this.source = source;
        this.fetcher = fetcher;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /** Fetches ahead of requests, if the source says so. Called once. */
    void start() {
        if (source.async() != null) {
            refresh();
        }
    }

    @Override
    public @Nullable JsonWebKeys now() {
        Known latest = known;
        if (latest.keys == null) {
            return null;
        }
        long now = clock.millis();
        if (now < latest.refreshAt) {
            return latest.keys;
        }
        boolean mayWait = source.async() == null && now >= latest.expiresAt && now >= latest.retryAt;
        if (mayWait) {
            return null;
        }
        refresh();
        return latest.keys;
    }

    @Override
    public void await(Consumer<@Nullable JsonWebKeys> then) {
        CompletableFuture<@Nullable JsonWebKeys> fetch = fetch();
        if (fetch == null) {
            then.accept(known.keys);
        } else {
            var unused = fetch.thenAccept(then);
        }
    }

    /** Nobody waits for it. */
    private void refresh() {
        var unused = fetch();
    }

    /** The fetch under way, begun now if there was none; null if it is too early after one that failed. */
    private @Nullable CompletableFuture<@Nullable JsonWebKeys> fetch() {
        while (true) {
            CompletableFuture<@Nullable JsonWebKeys> running = underWay.get();
            if (running != null) {
                return running;
            }
            if (clock.millis() < known.retryAt) {
                return null;
            }
            CompletableFuture<@Nullable JsonWebKeys> mine = new CompletableFuture<>();
            if (underWay.compareAndSet(null, mine)) {
                begin(mine);
                return mine;
            }
        }
    }

    private void begin(CompletableFuture<@Nullable JsonWebKeys> mine) {
        try {
            ScheduledFuture<?> timeout = scheduler.schedule(
                    () -> failed(mine, "no answer within " + source.timeout()),
                    source.timeout().toMillis(),
                    TimeUnit.MILLISECONDS);
            var unused = fetcher.fetch(source)
                    .whenCompleteAsync(
                            (json, problem) -> {
                                timeout.cancel(false);
                                if (problem == null) {
                                    fetched(mine, json);
                                } else {
                                    failed(mine, String.valueOf(problem.getMessage()));
                                }
                            },
                            scheduler);
        } catch (RuntimeException e) {
            // A fetcher that throws, or a mesh that is closed and takes no more tasks.
            failed(mine, String.valueOf(e.getMessage()));
        }
    }

    private void fetched(CompletableFuture<@Nullable JsonWebKeys> mine, byte[] json) {
        ParsedKeys parsed = json.length > JwksFetcher.MAX_BYTES ? JwtStatus.JWKS_PARSE_ERROR : JsonWebKeys.parse(json);
        if (!(parsed instanceof JsonWebKeys keys)) {
            failed(mine, ((JwtStatus) parsed).text());
            return;
        }
        long age = source.cacheDuration().toMillis();
        long refresh = age > REFRESH_BEFORE_MILLIS ? age - REFRESH_BEFORE_MILLIS : age;
        long now = clock.millis();
        end(mine, new Known(keys, now + refresh, now + age, 0), refresh);
    }

    private void failed(CompletableFuture<@Nullable JsonWebKeys> mine, String reason) {
        Known before = known;
        long pause = (source.async() == null ? FAILED_REFETCH : source.async().failedRefetch()).toMillis();
        if (end(mine, new Known(before.keys, before.refreshAt, before.expiresAt, clock.millis() + pause), pause)) {
            LOG.warn(
                    "Keys of JWT providers at {} (cluster {}) could not be fetched: {}; {}",
                    source.uri(),
                    source.cluster(),
                    reason,
                    before.keys == null ? "their tokens are refused" : "the keys from before stay in force");
        }
    }

    /** False if this fetch had ended before. */
    private boolean end(CompletableFuture<@Nullable JsonWebKeys> mine, Known outcome, long pauseMillis) {
        if (underWay.get() != mine) {
            return false;
        }
        known = outcome;
        if (!underWay.compareAndSet(mine, null)) {
            return false;
        }
        mine.complete(outcome.keys);
        if (source.async() != null) {
            fetchLater(new WeakReference<>(this), scheduler, pauseMillis);
        }
        return true;
    }

    /** Weakly: when no filter has these keys any more, they are not fetched any more. */
    private static void fetchLater(
            WeakReference<RemoteKeys> later, ScheduledExecutorService scheduler, long pauseMillis) {
        if (scheduler.isShutdown()) {
            return;
        }
        var unused = scheduler.schedule(
                () -> {
                    RemoteKeys keys = later.get();
                    if (keys != null) {
                        keys.refresh();
                    }
                },
                pauseMillis,
                TimeUnit.MILLISECONDS);
    }

    /**
     * The outcome of the last fetch.
     *
     * @param refreshAt from when on the keys are fetched again, in milliseconds since 1970
     * @param expiresAt from when on they are too old
     * @param retryAt   before when nothing is fetched
     */
    private record Known(@Nullable JsonWebKeys keys, long refreshAt, long expiresAt, long retryAt) {}
}
