package io.inmesh.xds.graph;

import io.inmesh.model.Assignment;
import io.inmesh.model.RouteTable;
import io.inmesh.model.Secret;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import io.inmesh.xds.decode.DecodedCluster;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.NameScope;
import io.inmesh.xds.decode.ResourceDecoder;
import io.inmesh.xds.protocol.RawResource;
import io.inmesh.xds.protocol.ResourceHandler;
import io.inmesh.xds.protocol.ResourceKind;
import io.inmesh.xds.protocol.SessionLoop;
import io.inmesh.xds.protocol.Subscriptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes complete snapshots out of single resources: listeners lead to route tables, route tables (or a wildcard) to clusters, clusters to endpoints, the
 * TLS of clusters and listeners to secrets. A
 * snapshot is published when something that serves has changed, the first one when nothing is awaited any more. A resource that cannot be used leaves
 * its last good version in force and disturbs no other.
 *
 * <p>Everything happens on the session's one thread; {@code publish} is called on it too.
 */
public final class ResourceGraph implements ResourceHandler {
    /** What everything else is held up at most for the table of names, without which requests by names that only it has would be refused. */
    private static final Duration NAME_TABLE_PATIENCE = Duration.ofSeconds(1);

    private final SessionLoop loop;
    private final Subscriptions subscriptions;
    private final Set<ResourceKind> wildcards;
    private final Consumer<MeshSnapshot> publish;
    private final Set<ResourceKind> answered = EnumSet.noneOf(ResourceKind.class);
    private final Map<ResourceName, Integer> wanted = new HashMap<>();
    private final ClusterNames clusterNames = new ClusterNames();

    private final ResourceTable<DecodedListener> listeners = new ResourceTable<>(ResourceDecoder::listener);
    private final ResourceTable<RouteTable> tables = new ResourceTable<>(ResourceDecoder::routeTable);
    private final ResourceTable<DecodedCluster> clusters = new ResourceTable<>(ResourceDecoder::cluster);
    private final ResourceTable<Assignment> endpoints = new ResourceTable<>(ResourceDecoder::endpoints);
    private final ResourceTable<Secret> secrets = new ResourceTable<>(ResourceDecoder::secret);
    private final ResourceTable<Map<String, List<String>>> nameTables;
    private final HostNames names = new HostNames();
    private final NameSubscriptions listenerNames;
    private final NameSubscriptions tableNames;
    private final NameSubscriptions clusterSubscriptions;
    private final NameSubscriptions endpointNames;
    private final NameSubscriptions secretNames;
    private final DnsClusters dns;
    private final ClusterWarming clusterWarming;
    private final RouteWarming routeWarming;

    private Map<String, Secret> servingSecrets = Map.of();
    private MeshSnapshot snapshot = MeshSnapshot.EMPTY;
    private boolean started;
    private boolean closed;
    private int holds;
    private boolean awaitsNameTable;
    private SessionLoop.@Nullable Timer nameTablePatience;

    /** A graph that looks at host names from nowhere. */
    public ResourceGraph(
            Subscriptions subscriptions,
            SessionLoop loop,
            HostResolver resolver,
            Set<ResourceKind> wildcards,
            Consumer<MeshSnapshot> publish) {
        this(subscriptions, loop, resolver, wildcards, NameScope.NONE, publish);
    }

    /**
     * A graph without resources.
     *
     * @param subscriptions told what is needed
     * @param loop          the session's thread
     * @param resolver      for STRICT_DNS and LOGICAL_DNS clusters
     * @param wildcards     the kinds of which everything is wanted; of the others only what is named by a resource or by {@link #want}
     * @param scope         from where host names are looked at
     * @param publish       takes each new snapshot
     */
    public ResourceGraph(
            Subscriptions subscriptions,
            SessionLoop loop,
            HostResolver resolver,
            Set<ResourceKind> wildcards,
            NameScope scope,
            Consumer<MeshSnapshot> publish) {
        this.loop = loop;
        this.nameTables = new ResourceTable<>((name, body) -> ResourceDecoder.nameTable(name, body, scope));
        this.awaitsNameTable = wildcards.contains(ResourceKind.NAME_TABLE);
        this.subscriptions = subscriptions;
        this.wildcards = Set.copyOf(wildcards);
        this.publish = publish;
        this.listenerNames = new NameSubscriptions(ResourceKind.LISTENER, subscriptions);
        this.tableNames = new NameSubscriptions(ResourceKind.ROUTE_TABLE, subscriptions);
        this.clusterSubscriptions = new NameSubscriptions(ResourceKind.CLUSTER, subscriptions);
        this.endpointNames = new NameSubscriptions(ResourceKind.ENDPOINTS, subscriptions);
        this.secretNames = new NameSubscriptions(ResourceKind.SECRET, subscriptions);
        this.dns = new DnsClusters(resolver, loop, this::update);
        this.clusterWarming = new ClusterWarming(clusters, endpoints, secrets, dns);
        this.routeWarming = new RouteWarming(listeners, tables, secrets, this::hasItsClusters);
    }

    /** Takes resources that come with the bootstrap: no server changes or removes them. Before {@link #start}. */
    public Verdict addStatic(ResourceKind kind, List<RawResource> resources) {
        return accept(kind, resources, true);
    }

    /** Subscribes to what is wanted from the start. */
    public void start() {
        started = true;
        wildcards.forEach(subscriptions::wildcard);
        update();
    }

    /** Ends it: nothing is published any more, and DNS is not asked any more. */
    public void close() {
        closed = true;
        dns.retain(Set.of());
    }

    /** Wants a resource by name. Wishes for one name are counted. */
    public void want(ResourceName name) {
        wanted.merge(name, 1, Integer::sum);
        update();
    }

    /** Takes back {@link #want} once. */
    public void release(ResourceName name) {
        wanted.computeIfPresent(name, (each, count) -> count > 1 ? count - 1 : null);
        update();
    }

    /** Runs a task that tells several things at once; no snapshot shows only a part of them. */
    public void together(Runnable task) {
        holds++;
        try {
            task.run();
        } finally {
            holds--;
        }
        update();
    }

    @Override
    public Verdict onResponse(ResourceKind kind, List<RawResource> changed, List<String> removed) {
        answered.add(kind);
        Verdict verdict = accept(kind, changed, false);
        removed.forEach(name -> remove(kind, name));
        update();
        return verdict;
    }

    @Override
    public void onMissing(ResourceKind kind, String name, String reason) {
        if (name.equals(Subscriptions.WILDCARD)) {
            answered.add(kind);
        } else {
            missing(kind, name, reason);
        }
        update();
    }

    private Verdict accept(ResourceKind kind, List<RawResource> resources, boolean fixed) {
        return switch (kind) {
            case LISTENER -> listeners.accept(resources, fixed);
            case ROUTE_TABLE -> tables.accept(resources, fixed);
            case CLUSTER -> clusters.accept(resources, fixed);
            case ENDPOINTS -> endpoints.accept(resources, fixed);
            case SECRET -> secrets.accept(resources, fixed);
            case NAME_TABLE -> nameTables.accept(resources, fixed);
        };
    }

    private void remove(ResourceKind kind, String name) {
        String reason = "the control plane says that it does not exist";
        switch (kind) {
            case LISTENER -> listeners.remove(name);
            case CLUSTER -> clusters.remove(name);
            case NAME_TABLE -> nameTables.remove(name);
            // Envoy goes on with the routes, endpoints and secrets that it has; they end with the listener or cluster
            // that needs them.
            case ROUTE_TABLE, ENDPOINTS, SECRET -> {}
        }
        if (!wildcards.contains(kind)) {
            missing(kind, name, reason);
        }
    }

    private void missing(ResourceKind kind, String name, String reason) {
        switch (kind) {
            case LISTENER -> listeners.missing(name, reason);
            case ROUTE_TABLE -> tables.missing(name, reason);
            case CLUSTER -> clusters.missing(name, reason);
            case ENDPOINTS -> endpoints.missing(name, reason);
            case SECRET -> secrets.missing(name, reason);
            case NAME_TABLE -> nameTables.missing(name, reason);
        }
    }

    /** Brings everything into line and publishes what has changed. */
    private void update() {
        if (!started || closed || holds > 0) {
            return;
        }
        boolean clustersByName = !wildcards.contains(ResourceKind.CLUSTER);
        if (!wildcards.contains(ResourceKind.LISTENER)) {
            Set<String> names = wantedNames(ResourceName.Kind.LISTENER);
            listeners.retain(names);
            listenerNames.require(listeners.withoutFixed(names));
        }
        clusterWarming.update();
        routeWarming.update(wantedNames(ResourceName.Kind.ROUTE_TABLE));
        names.ofListeners(routeWarming.served());
        tables.retain(routeWarming.rdsNames());
        tableNames.require(tables.withoutFixed(routeWarming.rdsNames()));
        if (clustersByName) {
            Set<String> names = namedClusters();
            clusters.retain(names);
            clusterSubscriptions.require(clusters.withoutFixed(names));
            clusterWarming.update();
        }
        endpoints.retain(clusterWarming.services());
        endpointNames.require(endpoints.withoutFixed(clusterWarming.services()));
        nameTables.names().forEach(name -> names.ofNameTable(nameTables.value(name)));
        Set<String> needed = neededSecrets();
        secrets.retain(needed);
        secretNames.require(secrets.withoutFixed(needed));
        servingSecrets = Snapshots.keepUnchanged(servingSecrets, valuesOf(needed));
        if (snapshot.generation() > 0 || isComplete(clustersByName)) {
            publishIfChanged();
        }
    }

    /** By clusters and listeners, and on demand. One that nobody needs is not kept, whoever sent it. */
    private Set<String> neededSecrets() {
        Set<String> names = wantedNames(ResourceName.Kind.SECRET);
        names.addAll(clusterWarming.secretNames());
        names.addAll(routeWarming.secretNames());
        return names;
    }

    private Map<String, Secret> valuesOf(Set<String> needed) {
        Map<String, Secret> values = new LinkedHashMap<>();
        for (String name : needed) {
            Secret secret = secrets.value(name);
            if (secret != null) {
                values.put(name, secret);
            }
        }
        return values;
    }

    /** By the newest tables, by those that still serve, and on demand. */
    private Set<String> namedClusters() {
        Set<RouteTable> needed = routeWarming.newestTables();
        needed.addAll(routeWarming.callingTables());
        clusterNames.retain(needed);
        Set<String> names = wantedNames(ResourceName.Kind.CLUSTER);
        needed.forEach(table -> names.addAll(clusterNames.of(table)));
        return names;
    }

    private Set<String> wantedNames(ResourceName.Kind kind) {
        Set<String> names = new HashSet<>();
        for (ResourceName name : wanted.keySet()) {
            if (name.kind() == kind) {
                names.add(name.name());
            }
        }
        return names;
    }

    /** Where clusters are asked for by name, a table waits for those that it names. */
    private boolean hasItsClusters(RouteTable table) {
        if (wildcards.contains(ResourceKind.CLUSTER)) {
            return true;
        }
        for (String name : clusterNames.of(table)) {
            if (!clusterWarming.serving().containsKey(name)) {
                return false;
            }
        }
        return true;
    }

    private boolean isComplete(boolean clustersByName) {
        for (ResourceKind kind : wildcards) {
            if (kind != ResourceKind.NAME_TABLE && !answered.contains(kind)) {
                return false;
            }
        }
        return routeWarming.warming().isEmpty()
                && (clustersByName || clusterWarming.warming().isEmpty())
                && hasNameTable();
    }

    /** It comes behind everything else, and a control plane that has none says nothing. */
    private boolean hasNameTable() {
        if (awaitsNameTable && !answered.contains(ResourceKind.NAME_TABLE)) {
            if (nameTablePatience == null) {
                nameTablePatience = loop.schedule(
                        () -> {
                            awaitsNameTable = false;
                            update();
                        },
                        NAME_TABLE_PATIENCE);
            }
            return false;
        }
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // the parts keep their identity as long as nothing in them changes
    private void publishIfChanged() {
        Map<ResourceName, String> absent = absent();
        boolean same = snapshot.generation() > 0
                && snapshot.listeners() == routeWarming.listeners()
                && snapshot.inbound() == routeWarming.inbound()
                && snapshot.routeTables() == routeWarming.tables()
                && snapshot.clusters() == clusterWarming.serving()
                && snapshot.secrets() == servingSecrets
                && snapshot.addresses() == names.all()
                && snapshot.absent().equals(absent);
        if (same) {
            return;
        }
        snapshot = new MeshSnapshot(
                snapshot.generation() + 1,
                routeWarming.listeners(),
                routeWarming.inbound(),
                routeWarming.tables(),
                clusterWarming.serving(),
                servingSecrets,
                names.all(),
                absent);
        publish.accept(snapshot);
    }

    private Map<ResourceName, String> absent() {
        Map<ResourceName, String> absent = new LinkedHashMap<>();
        addProblems(ResourceKind.LISTENER, listeners, absent);
        addProblems(ResourceKind.ROUTE_TABLE, tables, absent);
        addProblems(ResourceKind.CLUSTER, clusters, absent);
        addProblems(ResourceKind.ENDPOINTS, endpoints, absent);
        addProblems(ResourceKind.SECRET, secrets, absent);
        for (ResourceName name : wanted.keySet()) {
            ResourceKind kind = ResourceKind.of(name.kind());
            boolean known = kind == ResourceKind.LISTENER
                    ? listeners.names().contains(name.name())
                    : clusters.names().contains(name.name());
            if (wildcards.contains(kind) && answered.contains(kind) && !known) {
                absent.put(name, "the control plane has none of that name among those that it sends");
            }
        }
        return Map.copyOf(absent);
    }

    private static void addProblems(ResourceKind kind, ResourceTable<?> table, Map<ResourceName, String> absent) {
        for (String name : table.names()) {
            String problem = table.problem(name);
            if (problem != null) {
                absent.put(kind.named(name), problem);
            }
        }
    }
}
