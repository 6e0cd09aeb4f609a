package io.inmesh.xds.graph;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.DnsLookup;
import io.inmesh.model.Secret;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import io.inmesh.xds.decode.DecodedCluster;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which version of each cluster serves. A cluster serves when its endpoints are known, if only that there are none, and no secret of its TLS is awaited
 * any more; a new version of it waits while the old one goes on.
 */
final class ClusterWarming {
    private final ResourceTable<DecodedCluster> clusters;
    private final ResourceTable<Assignment> endpoints;
    private final SecretNeeds secrets;
    private final DnsClusters dns;
    private final Set<String> warming = new HashSet<>();
    private final Set<String> services = new HashSet<>();
    private final Set<String> tracked = new HashSet<>();
    private Map<String, ClusterState> serving = Map.of();

    ClusterWarming(
            ResourceTable<DecodedCluster> clusters,
            ResourceTable<Assignment> endpoints,
            ResourceTable<Secret> secrets,
            DnsClusters dns) {
        this.clusters = clusters;
        this.endpoints = endpoints;
        this.secrets = new SecretNeeds(secrets);
        this.dns = dns;
    }

    /** Looks at all clusters again. */
    void update() {
        warming.clear();
        services.clear();
        secrets.clear();
        tracked.clear();
        Map<String, ClusterState> next = new LinkedHashMap<>();
        for (String name : clusters.names()) {
            ClusterState state = state(name, serving.get(name));
            if (state != null) {
                next.put(name, state);
            }
        }
        dns.retain(tracked);
        serving = Snapshots.keepUnchanged(serving, next);
    }

    private @Nullable ClusterState state(String name, @Nullable ClusterState before) {
        DecodedCluster latest = clusters.value(name);
        if (latest == null) {
            String problem = clusters.problem(name);
            if (problem == null) {
                warming.add(name);
                return null;
            }
            return before instanceof ClusterState.Failed failed
                            && failed.reason().equals(problem)
                    ? before
                    : new ClusterState.Failed(problem);
        }
        Assignment assignment = assignment(latest);
        boolean secured = secrets.need(latest.cluster().secrets());
        if (assignment != null && secured) {
            return ready(latest.cluster(), assignment, before);
        }
        warming.add(name);
        return before instanceof ClusterState.Ready old ? stillServing(old) : null;
    }

    /** The old version goes on, with what is new of its own endpoints. */
    private ClusterState stillServing(ClusterState.Ready old) {
        secrets.need(old.cluster().secrets());
        Assignment fresh = null;
        if (old.cluster().discovery() instanceof Discovery.Eds eds) {
            services.add(eds.serviceName());
            fresh = endpoints.value(eds.serviceName());
        }
        return ready(old.cluster(), fresh == null ? old.assignment() : fresh, old);
    }

    @SuppressWarnings("ReferenceEquality") // the same parts give the same whole, so that caches by identity hold
    private static ClusterState ready(
            io.inmesh.model.Cluster cluster, Assignment assignment, @Nullable ClusterState before) {
        return before instanceof ClusterState.Ready old
                        && old.cluster() == cluster
                        && (old.assignment() == assignment || isSameNothing(old.assignment(), assignment))
                ? before
                : new ClusterState.Ready(cluster, assignment);
    }

    private static boolean isSameNothing(Assignment left, Assignment right) {
        return left.localities().isEmpty() && left.equals(right);
    }

    /** The endpoints of a cluster, or null as long as they are awaited. */
    private @Nullable Assignment assignment(DecodedCluster decoded) {
        Discovery discovery = decoded.cluster().discovery();
        if (discovery instanceof Discovery.Eds eds) {
            services.add(eds.serviceName());
            Assignment known = endpoints.value(eds.serviceName());
            // As in Envoy, endpoints that do not come, or cannot be used, count as none: the cluster is initialised.
            return known == null && endpoints.problem(eds.serviceName()) != null
                    ? Assignment.empty(eds.serviceName())
                    : known;
        }
        DnsLookup lookup = DnsClusters.lookup(discovery);
        if (lookup != null) {
            tracked.add(decoded.cluster().name());
            return dns.endpoints(decoded, lookup);
        }
        Assignment own = decoded.endpoints();
        return own == null ? Assignment.empty(decoded.cluster().name()) : own;
    }

    /** The clusters that serve, or never will, with the reason. The same map as long as nothing has changed. */
    Map<String, ClusterState> serving() {
        return serving;
    }

    /** Names whose newest version waits for something. */
    Set<String> warming() {
        return warming;
    }

    /** The EDS resources that clusters need now, old versions included. */
    Set<String> services() {
        return services;
    }

    /** The SDS resources that clusters need now, old versions included. */
    Set<String> secretNames() {
        return secrets.names();
    }
}
