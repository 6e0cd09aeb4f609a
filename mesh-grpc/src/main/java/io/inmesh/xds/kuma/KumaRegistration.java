package io.inmesh.xds.kuma;

import io.inmesh.xds.kuma.KumaDataplane.State;
import io.inmesh.xds.protocol.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Dataplane that is in kuma-cp and follows the readiness of the application, until it is closed.
 *
 * <p>Thread-safe. {@link #ready} does not block: what is not said yet when kuma-cp is away is said when it is back, and only the newest.
 */
public final class KumaRegistration implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KumaRegistration.class);

    private final KumaRest rest;
    private final KumaDataplane dataplane;
    private final ScheduledThreadPoolExecutor writer;
    private final Backoff backoff = new Backoff(new Random(), Duration.ofMillis(500), Duration.ofSeconds(30));
    private volatile boolean wanted;
    /** The writer's: what kuma-cp was told last. */
    private boolean told;

    KumaRegistration(KumaRest rest, KumaDataplane dataplane) {
        this.rest = rest;
        this.dataplane = dataplane;
        this.told = dataplane.inbounds().stream().allMatch(each -> each.state() == State.READY);
        this.wanted = told;
        this.writer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "inmesh-kuma-registration");
            thread.setDaemon(true);
            return thread;
        });
        writer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** The Dataplane as it was registered. */
    public KumaDataplane dataplane() {
        return dataplane;
    }

    /** Says whether the application takes requests: all its inbounds are {@code Ready}, or {@code NotReady} and endpoints for nobody. */
    public void ready(boolean isReady) {
        wanted = isReady;
        if (!writer.isShutdown()) {
            writer.execute(this::write);
        }
    }

    /** Takes the Dataplane away; waits for kuma-cp to answer. A kuma-cp that is away keeps it, and forgets it when it has been offline for three days. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(10, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
            rest.delete(dataplane);
        } catch (IOException e) {
            log.warn("Dataplane {}.{} stays registered: {}", dataplane.mesh(), dataplane.name(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        boolean now = wanted;
        if (now == told) {
            return;
        }
        try {
            rest.put(dataplane.in(now ? State.READY : State.NOT_READY));
            told = now;
            backoff.reset();
            log.info("Dataplane {}.{} is {}", dataplane.mesh(), dataplane.name(), now ? "ready" : "not ready");
        } catch (IOException e) {
            if (e instanceof KumaRestException answer && answer.status() < 500) {
                log.error(
                        "The readiness of Dataplane {}.{} cannot be said: {}",
                        dataplane.mesh(),
                        dataplane.name(),
                        e.getMessage());
                return;
            }
            log.warn(
                    "The readiness of Dataplane {}.{} is not said yet: {}",
                    dataplane.mesh(),
                    dataplane.name(),
                    e.toString());
            if (!writer.isShutdown()) {
                Future<?> unused = writer.schedule(this::write, backoff.next().toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
