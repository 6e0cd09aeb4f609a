package io.inmesh;

import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.RequestHead;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.inbound.InboundEngine;
import io.inmesh.inbound.InboundListeners;
import io.inmesh.inbound.InboundSettings;
import io.inmesh.model.DataSource;
import io.inmesh.model.JwtKeys;
import io.inmesh.outbound.CallOptions;
import io.inmesh.outbound.ClusterRoute;
import io.inmesh.outbound.OutboundCall;
import io.inmesh.outbound.OutboundEngine;
import io.inmesh.outbound.OutboundSettings;
import io.inmesh.outbound.RequestBody;
import io.inmesh.outbound.UpstreamTransport;
import io.inmesh.security.JwksFetcher;
import io.inmesh.security.JwtFilterFactory;
import io.inmesh.security.SecurityFilters;
import io.inmesh.security.SnapshotSecrets;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.SecretProvider;
import io.inmesh.snapshot.SourceStatus;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The mesh, as an application has it: one configuration source, and the engine that calls go through. One a process is enough; HTTP clients and gRPC
 * channels share it.
 *
 * <p>Thread-safe.
 */
public final class Mesh implements AutoCloseable {

    private final ConfigurationSource source;
    private final OutboundEngine outbound;
    private final InboundEngine inbound;
    private final SecretProvider secrets;
    private final SecretReadiness readiness;
    private final ScheduledExecutorService keyFetches;

    private final LateFetcher fetcher;

    private Mesh(
            ConfigurationSource source,
            OutboundEngine outbound,
            InboundEngine inbound,
            SecretProvider secrets,
            ScheduledExecutorService keyFetches,
            LateFetcher fetcher) {
        this.source = source;
        this.secrets = secrets;
        this.readiness = new SecretReadiness(secrets);
        this.outbound = outbound;
        this.inbound = inbound;
        this.keyFetches = keyFetches;
        this.fetcher = fetcher;
    }

    /** Starts to describe a mesh. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A mesh with what the process's surroundings say: the source that {@link java.util.ServiceLoader} finds, and nothing out of the ordinary.
     *
     * @throws IllegalStateException if no source was found; the message says what to set
     */
    public static Mesh connect() {
        return builder().build();
    }

    /**
     * Blocks until the first complete snapshot is in force, and the secrets are there that its clusters and its listeners for servers name: a server that says
     * that it is ready before its certificate has come would turn away those who come by TLS. Nobody has to wait here: a call waits by itself, and so does a
     * connection.
     *
     * <p>A secret that the control plane does not have, or that no source of secrets provides, is not waited for, and logged as a warning: the connections that need it
     * fail. From here on the secrets are kept fresh, whether a connection needs them or not, for as long as the configuration names them.
     *
     * @param timeout how long to wait at most
     * @throws MeshException        if something did not come in time, or the mesh was closed; the message says what is missing
     * @throws InterruptedException if the thread was interrupted
     */
    public void awaitReady(Duration timeout) throws MeshException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
        outbound.awaitReady(timeout);
        readiness.await(outbound::snapshot, end, timeout);
    }

    /** The configuration that calls use from now on; {@link MeshSnapshot#EMPTY} before there is one. */
    public MeshSnapshot snapshot() {
        return outbound.snapshot();
    }

    /** The state of the configuration source. */
    public SourceStatus status() {
        return source.status();
    }

    /** All secrets of the mesh: those of the application's own sources, then those of the control plane's stream. For those who make TLS connections. */
    public SecretProvider secrets() {
        return secrets;
    }

    /**
     * Says which way a request would take now, without sending it. Weighted choices and the choice of a host are made as for a call, so asking
     * twice may give two answers; nothing is counted, and nothing is asked of the source.
     *
     * @param head the request; not changed
     */
    public Explanation explain(RequestHead head) {
        return outbound.explain(head);
    }

    /** The living clusters, for transports that keep connections to their hosts and must know when those retire. */
    public UpstreamClusters upstreamClusters() {
        return outbound.clusters();
    }

    /**
     * Makes a call, not yet started. For those who build clients on top of the mesh.
     *
     * @param loop      where the call lives
     * @param transport carries its attempts
     * @param head      the request, taken over and changed by routes and filters
     * @param body      its body, or null if it has none
     * @param options   what else the caller has to say
     * @param observer  told what becomes of it
     */
    public OutboundCall newCall(
            CallLoop loop,
            UpstreamTransport transport,
            RequestHead head,
            @Nullable RequestBody body,
            CallOptions options,
            OutboundCall.Observer observer) {
        return outbound.newCall(loop, transport, head, body, options, observer);
    }

    /** The server side: what happens to the connections of the application's servers. */
    public InboundListeners inbound() {
        return inbound;
    }

    /**
     * Makes a call straight to a cluster, not yet started: for what the mesh itself has to ask. It takes no listener, no configured route and no filter. If there is
     * no configuration yet it waits until it is cancelled.
     *
     * @param loop      where the call lives
     * @param transport carries its attempts
     * @param head      the request, taken over
     * @param route     where it goes
     * @param observer  told what becomes of it
     */
    public OutboundCall newClusterCall(
            CallLoop loop,
            UpstreamTransport transport,
            RequestHead head,
            ClusterRoute route,
            OutboundCall.Observer observer) {
        return outbound.newClusterCall(loop, transport, head, route, observer);
    }

    /** Ends the configuration source. Servers refuse new connections. Calls under way finish; calls that wait for configuration and new ones fail. Repeated calls do nothing. */
    @Override
    public void close() {
        inbound.close();
        readiness.close();
        outbound.close();
        keyFetches.shutdownNow();
        fetcher.close();
    }

    /** Its thread is there once keys are fetched, and not before. */
    private static ScheduledExecutorService keyFetches() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "inmesh-jwks");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /** Filters are there before the mesh that a fetcher goes through. */
    private static final class LateFetcher implements JwksFetcher {
        private volatile JwksFetcher target = JwksFetcher.NONE;

        @Override
        public CompletionStage<byte[]> fetch(JwtKeys.Remote source) {
            return target.fetch(source);
        }

        @Override
        public void close() {
            target.close();
        }
    }

    /** Describes a mesh. Not thread-safe. */
    public static final class Builder {
        private @Nullable ConfigurationSource source;
        private Duration configurationTimeout = OutboundSettings.DEFAULT_CONFIGURATION_TIMEOUT;
        private Predicate<Destination> passthrough = destination -> false;

        private final List<SecretProvider> secrets = new ArrayList<>();
        private FilterFactories filters = FilterFactories.builtIn();
        private Function<Mesh, ? extends JwksFetcher> jwksFetcher = mesh -> JwksFetcher.NONE;
        private Predicate<DataSource> localKeys = source -> false;
        private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        private InstantSource clock = InstantSource.system();

        private Builder() {}

        /** Where the configuration comes from; without it, {@link java.util.ServiceLoader} looks for one in the process's surroundings. */
        public Builder source(ConfigurationSource newSource) {
            source = newSource;
            return this;
        }

        /**
         * How long a call waits at most for the first complete snapshot, and for a resource that it is the first to need. 20 s unless said otherwise: longer than
         * the 15 s after which xDS takes a resource for missing, so that a call fails with that answer and not with a guess.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder configurationTimeout(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException("configurationTimeout is negative: " + timeout);
            }
            configurationTimeout = timeout;
            return this;
        }

        /**
         * Which destinations may go straight to their address when no configuration names them. None unless said otherwise: they are refused. It is asked
         * only after configuration has come, and never for a destination that the mesh knows: one with a listener or a cluster that cannot be used, or must not be used in this
         * way, stays refused, and one whose name leads to an address with a listener of its own goes there. Where the mesh has a rule for all that it does not know (Istio's
         * {@code REGISTRY_ONLY}, a MeshPassthrough), the application's word goes before it.
         *
         * @param hosts quick and thread-safe; called on the call's loop
         */
        public Builder passthrough(Predicate<Destination> hosts) {
            passthrough = hosts;
            return this;
        }

        /**
         * A kind of HTTP filter of the application's own, for the configuration types that it names.
         *
         * @param executor runs its filters, so that they never hold an event loop up
         */
        public Builder filter(HttpFilterFactory<?> factory, Executor executor) {
            filters = filters.with(factory, executor);
            return this;
        }

        /**
         * A source of secrets beside the control plane's own stream: files, the identity that a certificate authority issues, a server of secrets. Of several
         * the one that was given first counts, and each comes before those of the configuration source and those of its stream. The mesh does not close it.
         */
        public Builder secrets(SecretProvider source) {
            secrets.add(source);
            return this;
        }

        /**
         * Gets the keys of JWT providers that the control plane says where to get; {@code MeshJwksFetcher::create} gets them through the mesh itself. Without it,
         * their tokens are refused. It is closed with the mesh.
         */
        public Builder jwksFetcher(Function<Mesh, ? extends JwksFetcher> fetcher) {
            jwksFetcher = fetcher;
            return this;
        }

        /**
         * Which files and environment variables of this process a control plane may name as keys of JWT providers. None unless said otherwise: filters that name one
         * refuse all requests.
         */
        public Builder localJwks(Predicate<DataSource> permitted) {
            localKeys = permitted;
            return this;
        }

        /** Where all chance comes from: weighted clusters, choices of hosts, jitter. Thread-safe. */
        public Builder random(RandomGenerator newRandom) {
            random = newRandom;
            return this;
        }

        /** The wall clock, for points in time that a response or a format names. Limits of time are counted on the clock of a call's loop. */
        public Builder clock(InstantSource newClock) {
            clock = newClock;
            return this;
        }

        /**
         * Starts the mesh. Does not wait for its configuration.
         *
         * @throws IllegalStateException if no source was given and none was found; the message says what to set
         */
        public Mesh build() {
            ConfigurationSource chosen = source == null ? SourceLookup.find() : source;
            ScheduledExecutorService keyFetches = keyFetches();
            LateFetcher fetcher = new LateFetcher();
            FilterFactories kinds =
                    SecurityFilters.addTo(filters, new JwtFilterFactory(fetcher, localKeys, keyFetches, clock));
            for (HttpFilterFactory<?> each : chosen.filters()) {
                kinds = kinds.and(each);
            }
            OutboundEngine outbound = new OutboundEngine(
                    new OutboundSettings(chosen, configurationTimeout, passthrough, kinds, random, clock));
            InboundEngine inbound = new InboundEngine(
                    new InboundSettings(chosen, kinds, SecurityFilters.forConnections(), random, clock));
            SnapshotSecrets own = new SnapshotSecrets();
            List<SecretProvider> all = new ArrayList<>(secrets);
            all.add(chosen.secrets());
            all.add(own);
            Mesh mesh = new Mesh(chosen, outbound, inbound, SecretProvider.firstOf(all), keyFetches, fetcher);
            fetcher.target = jwksFetcher.apply(mesh);
            chosen.start(snapshot -> {
                // What others need is there first, and who may come in is never older than who may go out.
                own.accept(snapshot);
                inbound.apply(snapshot);
                outbound.apply(snapshot);
                mesh.readiness.configurationChanged(snapshot);
            });
            return mesh;
        }
    }
}
