package io.inmesh.transport;

import io.inmesh.model.DownstreamTls;
import io.inmesh.model.UpstreamTls;
import io.inmesh.snapshot.SecretProvider;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All TLS of a mesh, shared by equal settings as long as somebody holds it. Whoever holds none any more need not say so: the garbage collector does.
 */
final class SharedTls implements MeshTls {
    private static final Logger log = LoggerFactory.getLogger(SharedTls.class);
    private static final Duration LOOK_AT_FILES = Duration.ofSeconds(1);

    /** Of connections that come in; more wait than are done before their clients have given up, so one more is refused. */
    static final int MAX_WAITING_HANDSHAKES = 4096;

    private static final Cleaner CLEANER = Cleaner.create(task -> daemon(task, "inmesh-tls-cleaner"));

    private final SecretProvider secrets;
    private final TlsOptions options;
    private final TlsProvider provider;
    private final Clock clock;
    private final UnaryOperator<@Nullable String> environment;
    private final ContextFactory contexts;
    private final ScheduledThreadPoolExecutor worker;
    /** Threads of their own for each side: strangers who come in must not be able to hold up the calls that go out. */
    private final Executor ofClients = handshakes("inmesh-tls-client-", new LinkedBlockingQueue<>());

    private final Executor ofServers =
            handshakes("inmesh-tls-server-", new LinkedBlockingQueue<>(MAX_WAITING_HANDSHAKES));
    private final Set<LiveTls> live = ConcurrentHashMap.newKeySet();
    private final Map<UpstreamTls, WeakReference<ClientTls>> clients = new ConcurrentHashMap<>();
    private final Map<DownstreamTls, WeakReference<ServerTls>> servers = new ConcurrentHashMap<>();

    SharedTls(
            SecretProvider secrets,
            TlsOptions options,
            TlsProvider provider,
            Clock clock,
            UnaryOperator<@Nullable String> environment) {
        this.secrets = secrets;
        this.options = options;
        this.provider = provider;
        this.clock = clock;
        this.environment = environment;
        this.contexts = new ContextFactory(provider);
        this.worker = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "inmesh-tls"));
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        long look = LOOK_AT_FILES.toMillis();
        var unused = worker.scheduleWithFixedDelay(
                () -> live.forEach(LiveTls::lookAtFiles), look, look, TimeUnit.MILLISECONDS);
    }

    @Override
    public ClientTls client(UpstreamTls settings) {
        return shared(clients, settings, this::newClient);
    }

    @Override
    public ServerTls server(DownstreamTls settings) {
        return shared(servers, settings, this::newServer);
    }

    @Override
    public String provider() {
        return provider.version();
    }

    @Override
    public void close() {
        try {
            worker.execute(() -> live.forEach(LiveTls::stop));
        } catch (RejectedExecutionException e) {
            log.debug("Closed again");
        }
        worker.shutdown();
    }

    private static <S, T> T shared(Map<S, WeakReference<T>> all, S settings, Function<S, T> make) {
        WeakReference<T> known = all.get(settings);
        T tls = known == null ? null : known.get();
        if (tls != null) {
            return tls;
        }
        T made = make.apply(settings);
        // Two may make the same at once; then both are good, and one of them is shared from now on.
        all.put(settings, new WeakReference<>(made));
        return made;
    }

    private ClientTls newClient(UpstreamTls settings) {
        MaterialReader reader = new MaterialReader(settings.common(), false, false, null, null, clock);
        LiveTls state = live(
                "TLS to hosts",
                reader,
                (material, alpn) -> contexts.client(settings, material, alpn),
                settings.common().alpn());
        ClientTls client = new LiveClientTls(settings, state, provider, ofClients);
        giveUpWith(client, state, () -> clients.computeIfPresent(settings, SharedTls::ifAlive));
        return client;
    }

    private ServerTls newServer(DownstreamTls settings) {
        MaterialReader reader = new MaterialReader(
                settings.common(),
                true,
                settings.requireClientCertificate(),
                settings.ticketKeys(),
                settings.ticketKeysSecret(),
                clock);
        LiveTls state = live(
                "TLS of accepted connections",
                reader,
                (material, alpn) -> contexts.server(settings, material),
                List.of());
        ServerTls server = new LiveServerTls(settings, state, provider, ofServers);
        giveUpWith(server, state, () -> servers.computeIfPresent(settings, SharedTls::ifAlive));
        return server;
    }

    private LiveTls live(String name, MaterialReader reader, Generation.Maker maker, List<String> alpn) {
        LiveTls state =
                new LiveTls(name, reader, () -> new DataReader(options, environment), maker, alpn, worker, options);
        try {
            worker.execute(() -> {
                live.add(state);
                state.start(secrets);
            });
        } catch (RejectedExecutionException e) {
            log.debug("{} is asked for after the end", name);
        }
        return state;
    }

    private static <S, T> @Nullable WeakReference<T> ifAlive(S settings, WeakReference<T> reference) {
        return reference.get() == null ? null : reference;
    }

    /** The state must not know who holds it. */
    private void giveUpWith(Object holder, LiveTls state, Runnable forget) {
        var unused = CLEANER.register(holder, () -> {
            forget.run();
            Runnable release = () -> {
                live.remove(state);
                state.release();
            };
            try {
                worker.execute(release);
            } catch (RejectedExecutionException e) {
                release.run(); // nobody works on it any more
            }
        });
    }

    /** For the cryptography of handshakes, which takes milliseconds. */
    static Executor handshakes(String name, BlockingQueue<Runnable> waiting) {
        AtomicInteger count = new AtomicInteger();
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                threads, threads, 10, TimeUnit.SECONDS, waiting, task -> daemon(task, name + count.incrementAndGet()));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
