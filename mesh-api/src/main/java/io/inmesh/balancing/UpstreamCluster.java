package io.inmesh.balancing;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.resilience.CircuitBreaker;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The living side of a cluster: its hosts, its counts, its balancer. It is the same object for as long as any snapshot names the cluster or
 * anyone holds it.
 *
 * <p>Thread-safe: requests read, the configuration thread writes.
 */
public final class UpstreamCluster {

    /** Whether a request may go to the cluster. */
    public enum Status {
        /** No snapshot names it: Envoy's {@code cluster_not_found}. */
        UNKNOWN,
        /** A snapshot names it and says why it cannot be used. */
        FAILED,
        /** It takes requests, though perhaps no host can be used at the moment. */
        READY
    }

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamCluster.class);

    private final String name;
    private final RandomGenerator random;
    private final Iterable<UpstreamListener> listeners;
    private final CircuitBreaker defaultPriority = new CircuitBreaker(Thresholds.DEFAULT);
    private final CircuitBreaker highPriority = new CircuitBreaker(Thresholds.DEFAULT);
    private final HostRegistry hosts = new HostRegistry();
    private final MeshNames names;
    private final LongSupplier nanoClock;

    /** Of a cluster whose requests name their hosts; else null. */
    private volatile @Nullable RequestHosts requested;

    private volatile Serving serving = new Serving(Status.UNKNOWN, null, null, Assignment.empty(""), Balancer.NONE);

    UpstreamCluster(
            String name,
            RandomGenerator random,
            Iterable<UpstreamListener> listeners,
            MeshNames names,
            LongSupplier nanoClock) {
        this.name = name;
        this.random = random;
        this.listeners = listeners;
        this.names = names;
        this.nanoClock = nanoClock;
    }

    /** The name that routes use. */
    public String name() {
        return name;
    }

    /** Whether a request may go to it, now. */
    public Status status() {
        return serving.status;
    }

    /** Why it {@linkplain Status#FAILED failed}, for an operator; null if it did not. */
    public @Nullable String failure() {
        return serving.failure;
    }

    /**
     * The newest configuration, the last one if the cluster is no longer known.
     *
     * @throws IllegalStateException if there never was one; a cluster that has given out a host has one
     */
    public Cluster configuration() {
        Cluster cluster = serving.cluster;
        if (cluster == null) {
            throw new IllegalStateException("cluster " + name + " has never been configured");
        }
        return cluster;
    }

    /** Its hosts, each once, in no particular order; a picture of this moment. */
    public List<Host> hosts() {
        RequestHosts table = requested;
        return table == null ? hosts.all() : table.all();
    }

    /** The counts for requests of default or of high priority. They outlive every change of configuration. */
    public CircuitBreaker circuitBreaker(boolean high) {
        return high ? highPriority : defaultPriority;
    }

    /** A host for a request, or null when none may be used. Quick: no lock, no I/O, and no allocation unless the request itself names a host. */
    public @Nullable Host pick(PickContext context) {
        return serving.chooser.pick(context);
    }

    /**
     * Takes a host out of the choice, or back in: to the balancer an ejected host is unhealthy, whatever the control plane says. Called on the
     * configuration thread, as {@link UpstreamClusters#apply} is; a host that has retired is left alone.
     */
    public void eject(Host host, boolean ejected) {
        if (!host.retired() && host.ejected() != ejected) {
            host.ejected(ejected);
            Serving now = serving;
            if (now.status == Status.READY) {
                serving = new Serving(now.status, null, now.cluster, now.assignment, chooser(configuration()));
            }
        }
    }

    void apply(ClusterState state) {
        if (state instanceof ClusterState.Failed failed) {
            close(Status.FAILED, failed.reason(), serving.cluster);
        } else if (state instanceof ClusterState.Ready ready) {
            Cluster cluster = ready.cluster();
            if (cluster.unusable() != null) {
                close(Status.FAILED, cluster.unusable(), cluster);
            } else if (serving.status != Status.READY
                    || !cluster.equals(serving.cluster)
                    || !ready.assignment().equals(serving.assignment)) {
                serve(cluster, ready.assignment());
            }
        }
    }

    /** No snapshot names it any more. */
    void forget() {
        close(Status.UNKNOWN, null, serving.cluster);
    }

    private void serve(Cluster cluster, Assignment assignment) {
        Cluster before = serving.cluster;
        defaultPriority.thresholds(cluster.defaultThresholds());
        highPriority.thresholds(cluster.highThresholds());
        List<Host> retired = new ArrayList<>();
        boolean outdated = updateRequested(RequestRules.of(cluster), retired);
        HostRegistry.Change change = hosts.update(cluster, requested == null ? assignment : Assignment.empty(name));
        retired.addAll(change.retired());
        serving = new Serving(Status.READY, null, cluster, assignment, chooser(cluster));
        tellRetired(retired);
        if (outdated || change.outdated() || (before != null && !before.http().equals(cluster.http()))) {
            tell(listener -> listener.connectionsOutdated(this));
        }
    }

    private void close(Status status, @Nullable String failure, @Nullable Cluster cluster) {
        List<Host> retired = new ArrayList<>(hosts.clear());
        boolean unused = updateRequested(null, retired);
        serving = new Serving(status, failure, cluster, Assignment.empty(name), Balancer.NONE);
        tellRetired(retired);
    }

    /** Keeps the hosts that requests have named for as long as they go on to be named in the same way. Returns whether connections are outdated. */
    private boolean updateRequested(@Nullable RequestRules rules, List<Host> retired) {
        RequestHosts table = requested;
        if (table != null && rules != null && table.rules().namesAs(rules)) {
            return table.update(rules);
        }
        requested = rules == null ? null : new RequestHosts(rules, names, nanoClock, this::tellRetired);
        if (table != null) {
            retired.addAll(table.close());
        }
        return false;
    }

    private HostChooser chooser(Cluster cluster) {
        RequestHosts table = requested;
        return table == null ? hosts.balancer(cluster, random) : table;
    }

    private void tellRetired(List<Host> retired) {
        for (Host host : retired) {
            tell(listener -> listener.hostRetired(this, host));
        }
    }

    /** A listener that fails must not keep others, or the rest of a snapshot, from what they have to know. */
    private void tell(Consumer<UpstreamListener> what) {
        listeners.forEach(listener -> {
            try {
                what.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("A listener of cluster {} failed", name, e);
            }
        });
    }

    @Override
    public String toString() {
        return name + " (" + serving.status + ")";
    }

    /** What requests see, as a whole. */
    private record Serving(
            Status status,
            @Nullable String failure,
            @Nullable Cluster cluster,
            Assignment assignment,
            HostChooser chooser) {}
}
