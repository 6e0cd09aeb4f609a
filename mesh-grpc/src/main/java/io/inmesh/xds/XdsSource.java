package io.inmesh.xds;

import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.grpc.OwnTls;
import io.inmesh.snapshot.ConfigurationSource;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.snapshot.SourceStatus;
import io.inmesh.xds.bootstrap.Bootstrap;
import io.inmesh.xds.decode.NameScope;
import io.inmesh.xds.decode.WarmUp;
import io.inmesh.xds.graph.ResourceGraph;
import io.inmesh.xds.graph.SystemResolver;
import io.inmesh.xds.peer.PeerMetadataExchange;
import io.inmesh.xds.protocol.AdsSession;
import io.inmesh.xds.protocol.AdsSettings;
import io.inmesh.xds.protocol.ConnectionStatus;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.SessionThread;
import io.inmesh.xds.protocol.Subscriptions;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Configuration from a control plane that speaks xDS: one aggregated stream for the whole process, on a thread of its own, on which all
 * decoding happens too.
 *
 * <p>Thread-safe; nothing blocks. Before {@link #start} nothing is dialled.
 */
public final class XdsSource implements ConfigurationSource {
    private static final Logger log = LoggerFactory.getLogger(XdsSource.class);

    private final Bootstrap bootstrap;
    private final XdsDialect dialect;
    private final OwnTls tls;
    private final Interests interests = new Interests(this::wanted, this::released);
    private final SessionThread loop = SessionThread.named("inmesh-xds");
    private final SystemResolver resolver = new SystemResolver();
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Instant created = loop.now();
    private final @Nullable AdsSession session;

    /** The graph, and what it was told to want, belong to the loop. */
    private @Nullable ResourceGraph graph;

    private final Set<ResourceName> told = new HashSet<>();

    XdsSource(Bootstrap bootstrap, XdsDialect dialect, AdsSettings settings, RandomGenerator random, OwnTls tls) {
        this.bootstrap = bootstrap;
        this.dialect = dialect;
        this.tls = tls;
        this.session = bootstrap.servers().isEmpty()
                ? null
                : AdsSession.create(loop, bootstrap.servers(), bootstrap.node(), settings, random, tls);
    }

    /** Begins to describe a source. */
    public static XdsSourceBuilder builder() {
        return new XdsSourceBuilder();
    }

    @Override
    public XdsDialect dialect() {
        return dialect;
    }

    /** Where this source begins: servers, node, static resources. */
    public Bootstrap bootstrap() {
        return bootstrap;
    }

    @Override
    public List<HttpFilterFactory<?>> filters() {
        return List.of(PeerMetadataExchange.of(bootstrap.node()));
    }

    @Override
    public void start(Consumer<MeshSnapshot> subscriber) {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("This source was started already");
        }
        loop.execute(() -> begin(subscriber));
    }

    @Override
    public Interest want(ResourceName name, String watcher) {
        return interests.add(name, watcher);
    }

    @Override
    public SourceStatus status() {
        if (session == null) {
            return new SourceStatus(description(bootstrap.source()), true, created, null, List.of());
        }
        ConnectionStatus connection = session.connection();
        return new SourceStatus(
                description(connection.server()),
                connection.connected(),
                connection.since(),
                connection.error(),
                interests.mark(session.resources()));
    }

    /** Tells the control plane that this workload can take requests, in the way of istiod ({@code istio.v1.HealthInformation}), now and on each later stream. */
    public void reportHealthy() {
        report("");
    }

    /**
     * Tells the control plane that this workload cannot take requests, in the way of istiod.
     *
     * @param reason for people, not empty
     */
    public void reportUnhealthy(String reason) {
        if (reason.isBlank()) {
            throw new IllegalArgumentException("Why the workload is not healthy is not said");
        }
        report(reason);
    }

    private void report(String problem) {
        if (session != null) {
            loop.execute(() -> session.reportHealth(problem));
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            loop.execute(this::end);
            loop.close();
        }
    }

    private void begin(Consumer<MeshSnapshot> subscriber) {
        if (closed.get()) {
            return;
        }
        if (!bootstrap.unsupported().isEmpty()) {
            log.info("{} sets fields that have no effect here: {}", bootstrap.source(), bootstrap.unsupported());
        }
        Subscriptions subscriptions = session == null ? new StaticOnly(this::missing) : session;
        ResourceGraph created = new ResourceGraph(
                subscriptions,
                loop,
                resolver,
                bootstrap.wildcards(),
                NameScope.ofNode(bootstrap.node().id()),
                snapshot -> publish(snapshot, subscriber));
        graph = created;
        if (session != null) {
            session.start(created);
        }
        addStatic(created, ResourceKind.SECRET);
        addStatic(created, ResourceKind.CLUSTER);
        addStatic(created, ResourceKind.LISTENER);
        created.start();
        interests.wanted().forEach(this::tell);
        // Behind the turn that sends the first requests, so that the wait for their answers is put to use.
        loop.execute(WarmUp::loadClasses);
    }

    private void addStatic(ResourceGraph target, ResourceKind kind) {
        List<RawResource> statics = bootstrap.staticResources().stream()
                .filter(each -> each.kind() == kind)
                .toList();
        if (!statics.isEmpty()) {
            target.addStatic(kind, statics)
                    .rejected()
                    .forEach((name, reason) -> log.error(
                            "{}: the static {} cannot be used: {}", bootstrap.source(), kind.named(name), reason));
        }
    }

    private void publish(MeshSnapshot snapshot, Consumer<MeshSnapshot> subscriber) {
        if (!closed.get()) {
            subscriber.accept(snapshot);
        }
    }

    private void missing(ResourceKind kind, String name) {
        loop.execute(() -> {
            if (graph != null) {
                graph.onMissing(kind, name, bootstrap.source() + " names no control plane to ask for it");
            }
        });
    }

    private void wanted(ResourceName name) {
        loop.execute(() -> tell(name));
    }

    private void released(ResourceName name) {
        loop.execute(() -> tell(name));
    }

    /** Brings the graph up to date about one name, whatever has happened to it since. Before the start nobody is told. */
    private void tell(ResourceName name) {
        if (graph == null) {
            return;
        }
        if (interests.isWanted(name)) {
            if (told.add(name)) {
                graph.want(name);
            }
        } else if (told.remove(name)) {
            graph.release(name);
        }
    }

    private void end() {
        if (graph != null) {
            graph.close();
        }
        if (session != null) {
            session.close();
        }
        resolver.close();
        tls.close();
    }

    private String description(String place) {
        String servers = bootstrap.servers().stream().map(each -> each.target()).collect(Collectors.joining(", "));
        return "xDS " + dialect.name() + " " + place + (bootstrap.servers().size() > 1 ? " (of " + servers + ")" : "");
    }
}
