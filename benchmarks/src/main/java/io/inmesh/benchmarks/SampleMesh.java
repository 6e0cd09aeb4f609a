package io.inmesh.benchmarks;

import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.model.Assignment;
import io.inmesh.model.Assignment.Locality;
import io.inmesh.model.Assignment.LocalityEndpoints;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.Health;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Configuration of the sizes that are measured. */
final class SampleMesh {
    private static final String NAME = "measured";
    private static final int LOCALITIES = 3;
    private static final int MOST_WEIGHT = 7;
    private static final int PORT = 8080;

    private SampleMesh() {}

    /** A living cluster, its endpoints spread over three localities. */
    static UpstreamCluster cluster(Balancer balancer, int endpoints) {
        UpstreamClusters clusters = new UpstreamClusters(new SplittableRandom(1));
        clusters.apply(snapshot(balancer, endpoints));
        return clusters.get(NAME);
    }

    /** A snapshot with that cluster and nothing else. */
    static MeshSnapshot snapshot(Balancer balancer, int endpoints) {
        Cluster cluster = new Cluster(
                NAME,
                new Discovery.Eds(NAME),
                new Balancing(balancer.policy(), 50, false, balancer.byLocality(), null),
                Cluster.DEFAULT_CONNECT_TIMEOUT,
                Thresholds.DEFAULT,
                Thresholds.DEFAULT,
                HttpOptions.DEFAULT,
                Cluster.DEFAULT_BUFFER_LIMIT,
                Map.of(),
                null);
        return new MeshSnapshot(
                1,
                Map.of(),
                Map.of(),
                Map.of(NAME, new ClusterState.Ready(cluster, assignment(balancer, endpoints))),
                Map.of());
    }

    private static Assignment assignment(Balancer balancer, int endpoints) {
        List<LocalityEndpoints> localities = new ArrayList<>();
        for (int zone = 0; zone < LOCALITIES; zone++) {
            List<Endpoint> members = new ArrayList<>();
            for (int i = zone; i < endpoints; i += LOCALITIES) {
                int weight = balancer.weighted() ? 1 + i % MOST_WEIGHT : 1;
                String address = "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255);
                members.add(new Endpoint(address, PORT, weight, Health.HEALTHY, null, Map.of()));
            }
            localities.add(new LocalityEndpoints(new Locality("r", "z" + zone, ""), 0, 1 + zone, members));
        }
        return new Assignment(NAME, localities, Assignment.DEFAULT_OVERPROVISIONING, false);
    }
}
