package io.inmesh.balancing;

import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.Policy;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.Health;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Clusters, endpoints and snapshots for tests. */
final class Clusters {
    static final Balancing ROUND_ROBIN = Balancing.DEFAULT;

    private Clusters() {}

    static Balancing balancing(Policy policy) {
        return new Balancing(policy, 50, false, false, null);
    }

    static Balancing localityWeighted(Policy policy) {
        return new Balancing(policy, 50, false, true, null);
    }

    static Cluster cluster(String name, Balancing balancing) {
        return cluster(name, new Discovery.Eds(name), balancing, Thresholds.DEFAULT, HttpOptions.DEFAULT, null);
    }

    static Cluster cluster(
            String name,
            Discovery discovery,
            Balancing balancing,
            Thresholds thresholds,
            HttpOptions http,
            @Nullable String unusable) {
        return new Cluster(
                name,
                discovery,
                balancing,
                Cluster.DEFAULT_CONNECT_TIMEOUT,
                thresholds,
                thresholds,
                http,
                Cluster.DEFAULT_BUFFER_LIMIT,
                Map.of(),
                unusable);
    }

    static Endpoint endpoint(int port, int weight, Health health) {
        return new Endpoint("10.0.0.1", port, weight, health, null, Map.of());
    }

    /** Endpoints of weight 1 with ports from {@code firstPort} on: so many healthy ones, then degraded, then unhealthy ones. */
    static List<Endpoint> endpoints(int firstPort, int healthy, int degraded, int unhealthy) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < healthy + degraded + unhealthy; i++) {
            Health health = i < healthy ? Health.HEALTHY : i < healthy + degraded ? Health.DEGRADED : Health.UNHEALTHY;
            endpoints.add(endpoint(firstPort + i, 1, health));
        }
        return endpoints;
    }

    static LocalityEndpoints locality(String zone, int priority, int weight, List<Endpoint> endpoints) {
        return new LocalityEndpoints(new Locality("r", zone, ""), priority, weight, endpoints);
    }

    static Assignment assignment(LocalityEndpoints... localities) {
        return new Assignment("a", List.of(localities), Assignment.DEFAULT_OVERPROVISIONING, false);
    }

    static MeshSnapshot snapshot(Map<String, ClusterState> clusters) {
        return new MeshSnapshot(1, Map.of(), Map.of(), clusters, Map.of());
    }

    static MeshSnapshot snapshot(Cluster cluster, Assignment assignment) {
        return snapshot(Map.of(cluster.name(), new ClusterState.Ready(cluster, assignment)));
    }

    /** One living cluster. */
    static UpstreamCluster living(Balancing balancing, Assignment assignment, long seed) {
        UpstreamClusters clusters = new UpstreamClusters(new SplittableRandom(seed));
        clusters.apply(snapshot(cluster("c", balancing), assignment));
        return clusters.get("c");
    }

    static PickContext context(RandomGenerator random) {
        return () -> random;
    }

    /** A choice that must find a host. */
    static Host pick(UpstreamCluster cluster, PickContext context) {
        return Objects.requireNonNull(cluster.pick(context), "no host");
    }
}
