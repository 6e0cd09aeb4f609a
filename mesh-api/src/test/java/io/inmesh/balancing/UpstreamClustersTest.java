package io.inmesh.balancing;

import static io.inmesh.balancing.Clusters.ROUND_ROBIN;
import static io.inmesh.balancing.Clusters.assignment;
import static io.inmesh.balancing.Clusters.cluster;
import static io.inmesh.balancing.Clusters.context;
import static io.inmesh.balancing.Clusters.endpoint;
import static io.inmesh.balancing.Clusters.endpoints;
import static io.inmesh.balancing.Clusters.locality;
import static io.inmesh.balancing.Clusters.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.balancing.UpstreamCluster.Status;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery;
import io.inmesh.model.Cluster.HttpOptions;
import io.inmesh.model.Cluster.HttpVersion;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.Health;
import io.inmesh.model.TransportSocket;
import io.inmesh.resilience.CircuitBreaker.Resource;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UpstreamClustersTest {
    private static final Assignment TWO = assignment(locality("a", 0, 0, endpoints(1, 2, 0, 0)));
    private final UpstreamClusters clusters = new UpstreamClusters(new SplittableRandom(1));
    private final List<String> told = new ArrayList<>();

    UpstreamClustersTest() {
        clusters.addListener(new UpstreamListener() {
            @Override
            public void hostRetired(UpstreamCluster cluster, Host host) {
                told.add(cluster.name() + " " + host);
            }

            @Override
            public void connectionsOutdated(UpstreamCluster cluster) {
                told.add(cluster.name() + " outdated");
            }
        });
    }

    @Test
    void get_unknownName_isAHandleThatComesAlive() {
        UpstreamCluster handle = clusters.get("c");
        assertThat(handle.status()).isEqualTo(Status.UNKNOWN);
        assertThat(handle.pick(context(new SplittableRandom(1)))).isNull();
        assertThatThrownBy(handle::configuration).hasMessage("cluster c has never been configured");

        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));

        assertThat(clusters.get("c")).isSameAs(handle);
        assertThat(handle.status()).isEqualTo(Status.READY);
        assertThat(handle.pick(context(new SplittableRandom(1)))).isNotNull();
    }

    @Test
    void find_unknownName_isNullAndLeavesNothingBehind() {
        assertThat(clusters.find("c")).isNull();
        UpstreamCluster handle = clusters.get("c");
        assertThat(clusters.find("c")).isNull();

        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        assertThat(clusters.find("c")).isSameAs(handle);
    }

    @Test
    void apply_clusterRemoved_isUnknownAndItsHostsRetire() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        UpstreamCluster handle = clusters.get("c");
        List<Host> hosts = handle.hosts();

        clusters.apply(MeshSnapshot.EMPTY);

        assertThat(handle.status()).isEqualTo(Status.UNKNOWN);
        assertThat(handle.pick(context(new SplittableRandom(1)))).isNull();
        assertThat(clusters.find("c")).isNull();
        assertThat(hosts).allMatch(Host::retired);
        assertThat(told).containsExactlyInAnyOrder("c 10.0.0.1:1", "c 10.0.0.1:2");

        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        assertThat(clusters.get("c")).isSameAs(handle);
        assertThat(handle.hosts()).doesNotContainAnyElementsOf(hosts).noneMatch(Host::retired);
    }

    @Test
    void apply_clusterRemovedAndHeldByNobody_isForgotten() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        WeakReference<UpstreamCluster> reference = new WeakReference<>(clusters.get("c"));

        await().until(() -> {
            clusters.apply(MeshSnapshot.EMPTY);
            System.gc();
            return reference.get() == null;
        });
        assertThat(clusters.get("c").status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void apply_newEndpoints_keepsHostsByAddressAndTheirCounts() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        UpstreamCluster cluster = clusters.get("c");
        Host first = host(cluster, 1);
        Host second = host(cluster, 2);
        first.activeRequests().set(7);

        // The first one moves to another priority, with another weight and health; the second one goes, a third one
        // comes.
        clusters.apply(snapshot(
                cluster("c", ROUND_ROBIN),
                assignment(
                        locality("b", 0, 0, List.of(endpoint(3, 1, Health.HEALTHY))),
                        locality("b", 1, 0, List.of(endpoint(1, 5, Health.DEGRADED))))));

        assertThat(host(cluster, 1)).isSameAs(first);
        assertThat(first.activeRequests()).hasValue(7);
        assertThat(first.priority()).isEqualTo(1);
        assertThat(first.locality().zone()).isEqualTo("b");
        assertThat(first.health()).isEqualTo(Health.DEGRADED);
        assertThat(first.endpoint().weight()).isEqualTo(5);
        assertThat(first.retired()).isFalse();
        assertThat(second.retired()).isTrue();
        assertThat(told).containsExactly("c 10.0.0.1:2");
        assertThat(cluster.hosts()).hasSize(2);
    }

    @Test
    void apply_equalSnapshot_keepsTheRoundGoing() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        UpstreamCluster cluster = clusters.get("c");
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20; i++) {
            Host one = cluster.pick(context(random));
            clusters.apply(snapshot(cluster("c", ROUND_ROBIN), assignment(locality("a", 0, 0, endpoints(1, 2, 0, 0)))));
            assertThat(cluster.pick(context(random))).isNotSameAs(one);
        }
    }

    @Test
    void apply_ejectedHost_staysEjected() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        UpstreamCluster cluster = clusters.get("c");
        cluster.eject(host(cluster, 1), true);

        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), assignment(locality("a", 0, 0, endpoints(1, 3, 0, 0)))));

        assertThat(host(cluster, 1).health()).isEqualTo(Health.UNHEALTHY);
        Shares.of(cluster, 100, 1, Host::toString).areWithinFiveSigmaOf(Map.of("10.0.0.1:2", 0.5, "10.0.0.1:3", 0.5));
    }

    @Test
    void eject_retiredHost_doesNothing() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        UpstreamCluster cluster = clusters.get("c");
        Host host = host(cluster, 1);
        clusters.apply(MeshSnapshot.EMPTY);

        cluster.eject(host, true);

        assertThat(host.ejected()).isFalse();
        assertThat(cluster.status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void apply_failedCluster_saysWhyAndLeavesOthersAlone() {
        clusters.apply(snapshot(Map.of(
                "bad",
                new ClusterState.Failed("no endpoints within 15 s"),
                "good",
                new ClusterState.Ready(cluster("good", ROUND_ROBIN), TWO))));

        assertThat(clusters.get("bad").status()).isEqualTo(Status.FAILED);
        assertThat(clusters.get("bad").failure()).isEqualTo("no endpoints within 15 s");
        assertThat(clusters.get("good").status()).isEqualTo(Status.READY);
        assertThat(clusters.get("good").failure()).isNull();
    }

    @Test
    void apply_unusableCluster_failsWithItsReason() {
        Cluster unusable = cluster(
                "c",
                new Discovery.Static(),
                ROUND_ROBIN,
                Thresholds.DEFAULT,
                HttpOptions.DEFAULT,
                "unknown transport socket");
        clusters.apply(snapshot(unusable, TWO));

        UpstreamCluster cluster = clusters.get("c");
        assertThat(cluster.status()).isEqualTo(Status.FAILED);
        assertThat(cluster.failure()).isEqualTo("unknown transport socket");
        assertThat(cluster.hosts()).isEmpty();
    }

    @Test
    void apply_newThresholds_keepsCounts() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        UpstreamCluster cluster = clusters.get("c");
        cluster.circuitBreaker(false).acquire(Resource.REQUESTS);
        assertThat(cluster.circuitBreaker(false).allows(Resource.REQUESTS)).isTrue();

        clusters.apply(snapshot(
                cluster(
                        "c",
                        new Discovery.Eds("c"),
                        ROUND_ROBIN,
                        new Thresholds(1, 1, 1, 1, null),
                        HttpOptions.DEFAULT,
                        null),
                TWO));

        assertThat(cluster.circuitBreaker(false).count(Resource.REQUESTS)).isEqualTo(1);
        assertThat(cluster.circuitBreaker(false).allows(Resource.REQUESTS)).isFalse();
        assertThat(cluster.circuitBreaker(true).allows(Resource.REQUESTS)).isTrue();
        assertThat(told).isEmpty();
    }

    @Test
    void apply_newProtocol_outdatesConnections() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        HttpOptions http2 = new HttpOptions(HttpVersion.HTTP_2, null, null, 0, 100, 60);

        clusters.apply(
                snapshot(cluster("c", new Discovery.Eds("c"), ROUND_ROBIN, Thresholds.DEFAULT, http2, null), TWO));

        assertThat(told).containsExactly("c outdated");
        assertThat(clusters.get("c").configuration().http()).isEqualTo(http2);
    }

    private static final TransportSocket MTLS = new TransportSocket.Unusable("stands for mutual TLS");
    private static final TransportSocket PLAIN = new TransportSocket.Plaintext();

    private static Assignment labelled(String tlsMode) {
        Endpoint endpoint = new Endpoint(
                "10.0.0.1",
                1,
                1,
                Health.HEALTHY,
                null,
                Map.of("envoy.transport_socket_match", Map.of("tlsMode", tlsMode)));
        return assignment(locality("a", 0, 0, List.of(endpoint, endpoint(2, 1, Health.HEALTHY))));
    }

    private static Cluster migrating() {
        return cluster("c", ROUND_ROBIN)
                .with(PLAIN, List.of(new TransportSocket.Match("mtls", Map.of("tlsMode", "istio"), MTLS)));
    }

    @Test
    void apply_transportSocketMatches_giveEachHostItsOwn() {
        clusters.apply(snapshot(migrating(), labelled("istio")));

        UpstreamCluster cluster = clusters.get("c");
        assertThat(host(cluster, 1).transport()).isSameAs(MTLS);
        assertThat(host(cluster, 2).transport()).isSameAs(PLAIN);
    }

    @Test
    void apply_endpointThatNowMatchesAnotherSocket_outdatesConnections() {
        clusters.apply(snapshot(migrating(), labelled("istio")));
        Host host = host(clusters.get("c"), 1);

        clusters.apply(snapshot(migrating(), labelled("disabled")));

        assertThat(told).containsExactly("c outdated");
        assertThat(host(clusters.get("c"), 1)).isSameAs(host);
        assertThat(host.transport()).isSameAs(PLAIN);
    }

    @Test
    void apply_newTransportSocket_outdatesConnections_andAnEqualOneDoesNot() {
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), TWO));
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN).with(new TransportSocket.Plaintext(), List.of()), TWO));
        assertThat(told).isEmpty();

        clusters.apply(snapshot(cluster("c", ROUND_ROBIN).with(MTLS, List.of()), TWO));

        assertThat(told).containsExactly("c outdated");
        assertThat(clusters.get("c").hosts()).allMatch(each -> each.transport().equals(MTLS));
    }

    @Test
    void apply_duplicatesByEds_countOnceAsFirstListed() {
        Assignment twice = assignment(
                locality("a", 0, 0, List.of(endpoint(1, 1, Health.HEALTHY), endpoint(2, 1, Health.HEALTHY))),
                locality("b", 1, 0, List.of(endpoint(1, 9, Health.UNHEALTHY))));
        clusters.apply(snapshot(cluster("c", ROUND_ROBIN), twice));

        UpstreamCluster cluster = clusters.get("c");
        assertThat(cluster.hosts()).hasSize(2);
        assertThat(host(cluster, 1).priority()).isZero();
        assertThat(host(cluster, 1).health()).isEqualTo(Health.HEALTHY);
        Shares.of(cluster, 100, 1, Host::toString).areWithin(0.001, Map.of("10.0.0.1:1", 0.5, "10.0.0.1:2", 0.5));
    }

    /** The same endpoint object may stand in the list twice. */
    @Test
    void apply_sameEndpointTwiceByEds_countsOnce() {
        Endpoint endpoint = endpoint(1, 1, Health.HEALTHY);
        clusters.apply(snapshot(
                cluster("c", ROUND_ROBIN),
                assignment(locality("a", 0, 0, List.of(endpoint, endpoint, endpoint(2, 1, Health.HEALTHY))))));

        Shares.of(clusters.get("c"), 100, 1, Host::toString)
                .areWithin(0.001, Map.of("10.0.0.1:1", 0.5, "10.0.0.1:2", 0.5));
    }

    /** Seen in Envoy 1.40: a STATIC or STRICT_DNS cluster has a host for each entry, with the health of that entry. */
    @Test
    void apply_duplicatesInStaticCluster_countEachTime() {
        Assignment twice = assignment(locality(
                "a",
                0,
                0,
                List.of(
                        endpoint(1, 1, Health.HEALTHY),
                        endpoint(1, 1, Health.UNHEALTHY),
                        endpoint(1, 1, Health.HEALTHY),
                        endpoint(2, 1, Health.HEALTHY))));
        clusters.apply(snapshot(
                cluster("c", new Discovery.Static(), ROUND_ROBIN, Thresholds.DEFAULT, HttpOptions.DEFAULT, null),
                twice));

        assertThat(clusters.get("c").hosts()).hasSize(2);
        Shares.of(clusters.get("c"), 300, 1, Host::toString)
                .areWithin(0.001, Map.of("10.0.0.1:1", 2 / 3.0, "10.0.0.1:2", 1 / 3.0));
    }

    private static Host host(UpstreamCluster cluster, int port) {
        return cluster.hosts().stream()
                .filter(host -> host.port() == port)
                .findFirst()
                .orElseThrow();
    }
}
