package io.inmesh.transport;

import io.inmesh.model.Secret;
import io.inmesh.model.SecretName;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SecretProvider.SecretState;
import io.netty.util.IllegalReferenceCountException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest contexts of one configuration. All changes happen on the worker, one after the other; connections read one volatile.
 */
final class LiveTls {
    private static final Logger log = LoggerFactory.getLogger(LiveTls.class);

    /**
     * What connections see.
     *
     * @param generation the last good contexts, or null
     * @param succession counts the changes of contexts
     * @param problem    why the newest secrets are not in force, or null
     * @param permanent  whether no contexts will ever come
     */
    private record State(
            @Nullable Generation generation,
            Succession succession,
            @Nullable String problem,
            boolean permanent) {
        boolean settled() {
            return generation != null || permanent;
        }
    }

    /** Somebody who waits for the first contexts. */
    private record Waiter(Executor loop, Consumer<@Nullable String> ready) {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private final String name;
    private final MaterialReader reader;
    private final Supplier<DataReader> data;
    private final Generation.Maker maker;
    private final List<List<String>> firstAlpn;
    private final Executor worker;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    private final Map<SecretName, SecretState> secrets = new HashMap<>();
    private final List<SecretProvider.Watch> watches = new ArrayList<>();
    private @Nullable DataReader lastRead;
    private boolean closed;
    private volatile State state;

    /**
     * Contexts that nobody makes yet; {@link #start} does.
     *
     * @param name  for the log
     * @param data  a new reader for each reading
     * @param alpn  the list of the settings
     * @param worker runs one task at a time
     */
    LiveTls(
            String name,
            MaterialReader reader,
            Supplier<DataReader> data,
            Generation.Maker maker,
            List<String> alpn,
            Executor worker,
            TlsOptions options) {
        this.name = name;
        this.reader = reader;
        this.data = data;
        this.maker = maker;
        this.firstAlpn = List.of(alpn);
        this.worker = worker;
        this.state = new State(null, Succession.none(options), "its secrets", false);
    }

    /** Watches the secrets. On the worker. */
    void start(SecretProvider provider) {
        for (SecretName secret : reader.names()) {
            if (!provider.provides(secret)) {
                fail(secret + " is known to no source of secrets", true);
                return;
            }
        }
        for (SecretName secret : reader.names()) {
            watches.add(provider.watch(
                    secret,
                    known -> onWorker(() -> {
                        secrets.put(secret, known);
                        renew();
                    })));
        }
        if (reader.names().isEmpty()) {
            renew();
        }
    }

    /** Looks at the files. On the worker. */
    void lookAtFiles() {
        if (!closed && lastRead != null && lastRead.filesChanged()) {
            renew();
        }
    }

    /** Ends the watching; contexts stay as they are. On the worker. */
    void stop() {
        closed = true;
        watches.forEach(SecretProvider.Watch::close);
        watches.clear();
    }

    /** Ends the watching and gives the contexts up. Connections keep theirs. On the worker. */
    void release() {
        stop();
        Generation last = state.generation();
        state = new State(null, state.succession(), "nothing any more: it was given up", false);
        if (last != null) {
            last.release();
        }
    }

    private void onWorker(Runnable task) {
        try {
            worker.execute(() -> {
                if (!closed) {
                    task.run();
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("{} is closed", name);
        }
    }

    private void renew() {
        for (SecretName secret : reader.names()) {
            SecretState known = secrets.get(secret);
            if (!(known instanceof SecretState.Ready)) {
                String reason = known instanceof SecretState.Awaited awaited ? ": " + awaited.reason() : "";
                awaitSecret(secret + reason);
                return;
            }
        }
        DataReader now = data.get();
        lastRead = now;
        State before = state;
        try {
            TlsMaterial material = reader.read(this::secret, now);
            if (before.generation() != null
                    && before.generation().material().inputs().equals(material.inputs())) {
                state = new State(before.generation(), before.succession(), null, false);
                return;
            }
            Iterable<List<String>> alpn = before.generation() == null
                    ? firstAlpn
                    : before.generation().alpn();
            Succession succession = before.succession()
                    .next(
                            isRootWithdrawn(before.generation(), material),
                            material.rules().verifies(),
                            System.nanoTime());
            Generation made = new Generation(succession.number(), material, maker, alpn);
            state = new State(made, succession, null, false);
            log.debug("{} has new contexts, number {}", name, succession.number());
            if (before.generation() != null) {
                before.generation().release();
            }
            tellWaiters();
        } catch (SecretException e) {
            fail(e.reason(), e.isPermanent());
        } catch (SSLException | RuntimeException e) {
            fail(String.valueOf(e.getMessage()), false);
        }
    }

    private Secret secret(SecretName wanted) throws SecretException {
        if (secrets.get(wanted) instanceof SecretState.Ready ready) {
            return ready.secret();
        }
        throw SecretException.of(wanted + " is awaited");
    }

    /**
     * A provider keeps what it has, so this is before the first secret, or the secret was taken away: the last good contexts stay. Not those whose certificate has
     * ended, which no peer takes: then it is better to wait for another one.
     */
    private void awaitSecret(String what) {
        State before = state;
        Generation last = before.generation();
        if (last != null && last.material().hasEnded(reader.clock().instant())) {
            state = new State(null, before.succession(), what, false);
            last.release();
            return;
        }
        state = new State(before.generation(), before.succession(), what, false);
    }

    private void fail(String reason, boolean permanent) {
        State before = state;
        boolean never = before.generation() == null && (permanent || nothingChanges());
        state = new State(before.generation(), before.succession(), reason, never);
        log.warn(
                "{} cannot use its secrets: {}; {}",
                name,
                reason,
                before.generation() == null ? "no connection is made" : "the last good ones stay in force");
        if (never) {
            tellWaiters();
        }
    }

    /** Whether everything was given in place. */
    private boolean nothingChanges() {
        return reader.names().isEmpty() && (lastRead == null || !lastRead.readsFiles());
    }

    private void tellWaiters() {
        List.copyOf(waiters).forEach(waiter -> {
            try {
                waiter.loop().execute(() -> tell(waiter));
            } catch (RejectedExecutionException e) {
                waiters.remove(waiter); // its loop has ended
            }
        });
    }

    private void tell(Waiter waiter) {
        if (waiters.remove(waiter)) {
            State now = state;
            waiter.ready().accept(now.permanent() ? now.problem() : null);
        }
    }

    /** {@link ClientTls#whenReady}. */
    Runnable whenReady(Executor loop, Consumer<@Nullable String> ready) {
        Waiter waiter = new Waiter(loop, ready);
        waiters.add(waiter);
        if (state.settled()) {
            tell(waiter);
        }
        return () -> waiters.remove(waiter);
    }

    /** {@link ClientTls#awaited}. */
    @Nullable
    String awaited() {
        State now = state;
        return now.generation() == null ? now.problem() : null;
    }

    /** {@link ClientTls#problem}. */
    @Nullable
    String problem() {
        State now = state;
        return now.generation() == null ? null : now.problem();
    }

    /** {@link ClientTls#generation}. */
    long number() {
        return state.succession().number();
    }

    /** {@link ClientTls#isOutdated}. */
    boolean isOutdated(long generation) {
        Succession succession = state.succession();
        return generation < succession.number() && succession.isOutdated(generation, System.nanoTime());
    }

    private static boolean isRootWithdrawn(@Nullable Generation before, TlsMaterial after) {
        return before != null
                && !after.rules()
                        .anchors()
                        .containsAll(before.material().rules().anchors());
    }

    /** The contexts in force, to look at; null if there are none. */
    @Nullable
    Generation current() {
        return state.generation();
    }

    /** Whether a peer that got through a handshake with these contexts was verified by it. */
    boolean verifies(long generation) {
        return state.succession().verifies(generation);
    }

    /** Something that is made of the contexts in force. */
    interface Use<T> {
        T of(Generation generation) throws SSLException;
    }

    /**
     * Makes something of the contexts in force.
     *
     * @throws SSLException if there are none
     */
    <T> T use(Use<T> use) throws SSLException {
        while (true) {
            State now = state;
            Generation generation = now.generation();
            if (generation == null) {
                throw new SSLException(name + " awaits " + now.problem());
            }
            try {
                generation.retain();
            } catch (IllegalReferenceCountException e) {
                continue; // it was replaced at this moment
            }
            try {
                return use.of(generation);
            } finally {
                generation.release();
            }
        }
    }
}
