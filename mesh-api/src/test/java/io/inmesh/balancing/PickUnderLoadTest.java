package io.inmesh.balancing;

import static io.inmesh.balancing.Clusters.assignment;
import static io.inmesh.balancing.Clusters.balancing;
import static io.inmesh.balancing.Clusters.cluster;
import static io.inmesh.balancing.Clusters.context;
import static io.inmesh.balancing.Clusters.endpoint;
import static io.inmesh.balancing.Clusters.living;
import static io.inmesh.balancing.Clusters.locality;
import static io.inmesh.balancing.Clusters.localityWeighted;
import static io.inmesh.balancing.Clusters.pick;
import static io.inmesh.balancing.Clusters.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster.Policy;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.Health;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PickUnderLoadTest {

    static Stream<Policy> policies() {
        return Stream.of(new Policy.RoundRobin(), new Policy.LeastRequest(2, 1), new Policy.Random());
    }

    /** The host that is never removed can always be chosen, and no choice ever sees half of an update. */
    @ParameterizedTest
    @MethodSource("policies")
    void pick_whileEndpointsChange_alwaysFindsALivingListsHost(Policy policy) throws Exception {
        UpstreamClusters clusters = new UpstreamClusters(new SplittableRandom(1));
        clusters.apply(snapshot(cluster("c", balancing(policy)), random(new SplittableRandom(1))));
        UpstreamCluster cluster = clusters.get("c");
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<Integer>> results = IntStream.range(0, 3)
                    .mapToObj(seed -> threads.submit(() -> {
                        PickContext context = context(new SplittableRandom(seed));
                        int picks = 0;
                        while (!done.get() || picks < 1_000) {
                            Host host = pick(cluster, context);
                            host.activeRequests().incrementAndGet();
                            assertThat(host.health()).isNotNull();
                            host.activeRequests().decrementAndGet();
                            picks++;
                        }
                        return picks;
                    }))
                    .toList();
            SplittableRandom random = new SplittableRandom(2);
            for (int i = 0; i < 500; i++) {
                clusters.apply(snapshot(cluster("c", balancing(policy)), random(random)));
            }
            done.set(true);
            for (Future<Integer> result : results) {
                assertThat(result.get()).isPositive();
            }
        } finally {
            done.set(true);
            threads.shutdown();
        }
        assertThat(cluster.hosts())
                .allSatisfy(host -> assertThat(host.activeRequests()).hasValue(0));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void pick_byManyThreads_keepsTheShares(Policy policy) throws Exception {
        List<Endpoint> endpoints = IntStream.rangeClosed(1, 4)
                .mapToObj(port -> endpoint(port, policy instanceof Policy.Random ? 1 : port, Health.HEALTHY))
                .toList();
        UpstreamCluster cluster = living(balancing(policy), assignment(locality("a", 0, 0, endpoints)), 3);
        int picks = 20_000;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<int[]>> results = IntStream.range(0, 4)
                    .mapToObj(seed -> threads.submit(() -> {
                        PickContext context = context(new SplittableRandom(seed));
                        int[] counts = new int[5];
                        for (int i = 0; i < picks; i++) {
                            Host host = pick(cluster, context);
                            counts[host.port()]++;
                        }
                        return counts;
                    }))
                    .toList();
            int[] counts = new int[5];
            for (Future<int[]> result : results) {
                int[] part = result.get();
                IntStream.range(0, 5).forEach(port -> counts[port] += part[port]);
            }
            for (int port = 1; port <= 4; port++) {
                double share = policy instanceof Policy.Random ? 0.25 : port / 10.0;
                double sigma = Math.sqrt(4 * picks * share * (1 - share));
                assertThat((double) counts[port])
                        .isBetween(4 * picks * share - 5 * sigma, 4 * picks * share + 5 * sigma);
            }
        } finally {
            threads.shutdown();
        }
    }

    static Stream<UpstreamCluster> clustersOfEveryKind() {
        List<Endpoint> equal = IntStream.rangeClosed(1, 50)
                .mapToObj(port -> endpoint(port, 1, port % 3 == 0 ? Health.DEGRADED : Health.HEALTHY))
                .toList();
        List<Endpoint> weighted = IntStream.rangeClosed(101, 150)
                .mapToObj(port -> endpoint(port, port, Health.HEALTHY))
                .toList();
        Assignment both = assignment(locality("a", 0, 1, equal), locality("b", 1, 2, weighted));
        return policies()
                .flatMap(policy ->
                        Stream.of(living(balancing(policy), both, 1), living(localityWeighted(policy), both, 1)));
    }

    @ParameterizedTest
    @MethodSource("clustersOfEveryKind")
    void pick_anyPolicy_allocatesNothing(UpstreamCluster cluster) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        PickContext context = context(new SplittableRandom(1));
        // Classes are loaded and the tool itself has run before it is read in earnest.
        allocatedBy(thread, cluster, context, 2_000);

        // The smallest object has 16 bytes. A few bytes in all are the virtual machine's own, at a moment that it
        // chooses.
        assertThat(allocatedBy(thread, cluster, context, 20_000)).isLessThan(20_000);
    }

    @Test
    void pick_tenThousandEndpoints_spreadsOverThem() {
        List<Endpoint> endpoints = IntStream.rangeClosed(1, 10_000)
                .mapToObj(port -> endpoint(port, 1 + port % 7, Health.HEALTHY))
                .toList();
        UpstreamCluster cluster =
                living(balancing(new Policy.LeastRequest(2, 1)), assignment(locality("a", 0, 0, endpoints)), 1);

        assertThat(cluster.hosts()).hasSize(10_000);
        assertThat(Stream.generate(() -> cluster.pick(context(new SplittableRandom(1))))
                        .limit(10_000)
                        .distinct()
                        .count())
                .isGreaterThan(5_000);
    }

    private static long allocatedBy(ThreadMXBean thread, UpstreamCluster cluster, PickContext context, int picks) {
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < picks; i++) {
            cluster.pick(context);
        }
        return thread.getCurrentThreadAllocatedBytes() - before;
    }

    /** The host with port 1, healthy, and some others in any condition, so that there is no panic that fails and no empty list. */
    private static Assignment random(SplittableRandom random) {
        List<Endpoint> endpoints = new ArrayList<>(List.of(endpoint(1, 1, Health.HEALTHY)));
        for (int port = 2; port < 30; port++) {
            if (random.nextBoolean()) {
                Health[] all = Health.values();
                endpoints.add(endpoint(port, 1 + random.nextInt(3), all[random.nextInt(all.length)]));
            }
        }
        return assignment(locality("a", random.nextInt(2), 1, endpoints));
    }
}
