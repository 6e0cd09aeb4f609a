package io.inmesh.balancing;

import static io.inmesh.balancing.Clusters.ROUND_ROBIN;
import static io.inmesh.balancing.Clusters.assignment;
import static io.inmesh.balancing.Clusters.balancing;
import static io.inmesh.balancing.Clusters.context;
import static io.inmesh.balancing.Clusters.endpoint;
import static io.inmesh.balancing.Clusters.endpoints;
import static io.inmesh.balancing.Clusters.living;
import static io.inmesh.balancing.Clusters.locality;
import static io.inmesh.balancing.Clusters.localityWeighted;
import static io.inmesh.balancing.Clusters.pick;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster.Balancing;
import io.inmesh.model.Cluster.Policy;
import io.inmesh.model.Endpoint;
import io.inmesh.model.Endpoint.Health;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamClusterTest {
    private static final long SEED = 20;
    private static final int PICKS = 40_000;
    private static final Policy RANDOM = new Policy.Random();
    private static final Policy LEAST_REQUEST = new Policy.LeastRequest(2, 1);

    @Test
    void pick_roundRobin_visitsEachHostInTurn() {
        UpstreamCluster cluster = living(ROUND_ROBIN, assignment(locality("a", 0, 0, endpoints(1, 3, 0, 0))), SEED);

        Shares.of(cluster, 3_000, SEED, UpstreamClusterTest::port)
                .areWithin(0.001, Map.of("1", 1 / 3.0, "2", 1 / 3.0, "3", 1 / 3.0));
    }

    @Test
    void pick_roundRobinOfNewClusters_startsAnywhere() {
        SplittableRandom random = new SplittableRandom(SEED);
        int[] firsts = new int[4];
        for (int i = 0; i < 3_000; i++) {
            UpstreamCluster cluster =
                    living(ROUND_ROBIN, assignment(locality("a", 0, 0, endpoints(1, 3, 0, 0))), random.nextLong());
            Host host = pick(cluster, context(random));
            firsts[host.port()]++;
        }
        assertThat(firsts[1]).isBetween(870, 1_130);
        assertThat(firsts[2]).isBetween(870, 1_130);
    }

    @Test
    void pick_weightedRoundRobin_followsWeightsClosely() {
        List<Endpoint> endpoints =
                List.of(endpoint(1, 1, Health.HEALTHY), endpoint(2, 2, Health.HEALTHY), endpoint(3, 7, Health.HEALTHY));
        UpstreamCluster cluster = living(ROUND_ROBIN, assignment(locality("a", 0, 0, endpoints)), SEED);

        Shares.of(cluster, 1_000, SEED, UpstreamClusterTest::port).areWithin(4, Map.of("1", 0.1, "2", 0.2, "3", 0.7));
    }

    @Test
    void pick_weightsOverTwoToTheThirtyOne_areUnsigned() {
        List<Endpoint> endpoints =
                List.of(endpoint(1, 0xC0000000, Health.HEALTHY), endpoint(2, 0x40000000, Health.HEALTHY));
        UpstreamCluster cluster = living(ROUND_ROBIN, assignment(locality("a", 0, 0, endpoints)), SEED);

        Shares.of(cluster, 1_000, SEED, UpstreamClusterTest::port).areWithin(4, Map.of("1", 0.75, "2", 0.25));
    }

    @Test
    void pick_random_doesNotLookAtWeights() {
        List<Endpoint> endpoints = List.of(endpoint(1, 1, Health.HEALTHY), endpoint(2, 9, Health.HEALTHY));
        UpstreamCluster cluster = living(balancing(RANDOM), assignment(locality("a", 0, 0, endpoints)), SEED);

        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::port).areWithinFiveSigmaOf(Map.of("1", 0.5, "2", 0.5));
    }

    /** With two draws out of n the busiest host is chosen only if both draws hit it. */
    @Test
    void pick_leastRequest_takesTheIdlerOfTwo() {
        UpstreamCluster cluster =
                living(balancing(LEAST_REQUEST), assignment(locality("a", 0, 0, endpoints(1, 3, 0, 0))), SEED);
        host(cluster, 1).activeRequests().set(5);
        host(cluster, 2).activeRequests().set(3);

        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::port)
                .areWithinFiveSigmaOf(Map.of("1", 1 / 9.0, "2", 3 / 9.0, "3", 5 / 9.0));
    }

    /** Two hosts of the same weight with 8 and 0 active requests; a third one, of another weight and hardly ever chosen, makes it a weighted choice. */
    @ParameterizedTest
    @CsvSource({"1, 0.1", "0, 0.5", "2, 0.012195"})
    void pick_weightedLeastRequest_dividesWeightByActiveRequestsToTheBias(double bias, double busy) {
        List<Endpoint> endpoints = List.of(
                endpoint(1, 1 << 20, Health.HEALTHY),
                endpoint(2, 1 << 20, Health.HEALTHY),
                endpoint(3, 1, Health.HEALTHY));
        UpstreamCluster cluster =
                living(balancing(new Policy.LeastRequest(2, bias)), assignment(locality("a", 0, 0, endpoints)), SEED);
        host(cluster, 1).activeRequests().set(8);

        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::port)
                .areWithin(4, Map.of("1", busy, "2", 1 - busy, "3", 0.0));
        assertThat(trace(cluster).policy()).isEqualTo("weighted least request");
    }

    @Test
    void pick_weightedLeastRequestIdle_followsWeights() {
        List<Endpoint> endpoints = IntStream.rangeClosed(1, 4)
                .mapToObj(i -> endpoint(i, i, Health.HEALTHY))
                .toList();
        UpstreamCluster cluster = living(balancing(LEAST_REQUEST), assignment(locality("a", 0, 0, endpoints)), SEED);

        Shares.of(cluster, 10_000, SEED, UpstreamClusterTest::port)
                .areWithin(8, Map.of("1", 0.1, "2", 0.2, "3", 0.3, "4", 0.4));
    }

    @Test
    void pick_priorities_spillsByHealth() {
        UpstreamCluster cluster = living(
                ROUND_ROBIN,
                assignment(
                        locality("a", 0, 0, endpoints(1, 1, 0, 3)),
                        locality("a", 1, 0, endpoints(11, 1, 0, 3)),
                        locality("a", 2, 0, endpoints(21, 4, 0, 0))),
                SEED);

        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::priority)
                .areWithinFiveSigmaOf(Map.of("0", 0.35, "1", 0.35, "2", 0.30));
        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::port)
                .areWithinFiveSigmaOf(
                        Map.of("1", 0.35, "11", 0.35, "21", 0.075, "22", 0.075, "23", 0.075, "24", 0.075));
    }

    @Test
    void pick_degradedHosts_takeWhatHealthyOnesCannot() {
        UpstreamCluster cluster = living(ROUND_ROBIN, assignment(locality("a", 0, 0, endpoints(1, 1, 2, 1))), SEED);

        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::port)
                .areWithinFiveSigmaOf(Map.of("1", 0.35, "2", 0.325, "3", 0.325));
    }

    @Test
    void pick_panicInOnePriority_usesAllOfItsHosts() {
        // 8 % of the load for priority 0, which panics, 92 % for priority 1, which does not.
        UpstreamCluster cluster = living(
                ROUND_ROBIN,
                assignment(locality("a", 0, 0, endpoints(1, 1, 0, 19)), locality("a", 1, 0, endpoints(101, 13, 0, 7))),
                SEED);
        Map<String, Double> expected = new HashMap<>();
        IntStream.range(1, 21).forEach(port -> expected.put("" + port, 0.08 / 20));
        IntStream.range(101, 114).forEach(port -> expected.put("" + port, 0.92 / 13));

        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::port).areWithinFiveSigmaOf(expected);
    }

    @Test
    void pick_panicThatFails_givesNoHost() {
        Balancing failing = new Balancing(new Policy.RoundRobin(), 50, true, false, null);
        UpstreamCluster cluster = living(failing, assignment(locality("a", 0, 0, endpoints(1, 1, 0, 3))), SEED);

        PickTrace trace = trace(cluster);
        assertThat(cluster.pick(context(new SplittableRandom(SEED)))).isNull();
        assertThat(trace.panic()).isTrue();
        assertThat(trace).hasToString("priority 0 (100 % of the load, in panic), no host among 0 of 4 hosts");
    }

    @Test
    void pick_allUnhealthyAndNoPanic_givesNoHost() {
        Balancing strict = new Balancing(new Policy.RoundRobin(), 0, false, false, null);
        UpstreamCluster cluster = living(strict, assignment(locality("a", 0, 0, endpoints(1, 0, 0, 3))), SEED);

        assertThat(cluster.pick(context(new SplittableRandom(SEED)))).isNull();
    }

    @Test
    void pick_allUnhealthy_usesAllInPanic() {
        UpstreamCluster cluster = living(
                ROUND_ROBIN,
                assignment(locality("a", 0, 0, endpoints(1, 0, 0, 1)), locality("b", 1, 0, endpoints(11, 0, 0, 3))),
                SEED);

        Shares.of(cluster, PICKS, SEED, UpstreamClusterTest::priority)
                .areWithinFiveSigmaOf(Map.of("0", 0.25, "1", 0.75));
    }

    @Test
    void pick_emptyCluster_givesNoHost() {
        UpstreamCluster cluster = living(ROUND_ROBIN, Assignment.empty("a"), SEED);

        assertThat(cluster.pick(context(new SplittableRandom(SEED)))).isNull();
        assertThat(cluster.status()).isEqualTo(UpstreamCluster.Status.READY);
    }

    /** "Locality weighted load balancing": localities of weights 1 and 2, the second wholly available. */
    @ParameterizedTest
    @CsvSource({"100, 0.3333", "72, 0.3333", "69, 0.3257", "50, 0.2593", "25, 0.1489", "0, 0"})
    void pick_localityWeights_areScaledByAvailability(int healthy, double share) {
        UpstreamCluster cluster = living(
                localityWeighted(RANDOM),
                assignment(
                        locality("x", 0, 1, endpoints(1, healthy, 0, 100 - healthy)),
                        locality("y", 0, 2, endpoints(1_001, 100, 0, 0))),
                SEED);

        Shares.of(cluster, PICKS, SEED, host -> host.locality().zone())
                .areWithin(12, Map.of("x", share, "y", 1 - share));
    }

    @Test
    void pick_degradedLocality_hasWeightOfItsOwn() {
        // 20 % healthy give 28, 35 % degraded give 49, and 77 in all are scaled to 37 and 63. Of the degraded ones x
        // has half (0.7), y a fifth (0.28).
        UpstreamCluster cluster = living(
                localityWeighted(RANDOM),
                assignment(locality("x", 0, 1, endpoints(1, 2, 5, 3)), locality("y", 0, 1, endpoints(101, 2, 2, 6))),
                SEED);
        Shares.of(cluster, PICKS, SEED, host -> host.locality().zone() + host.health())
                .areWithinFiveSigmaOf(Map.of(
                        "xHEALTHY", 0.37 / 2,
                        "yHEALTHY", 0.37 / 2,
                        "xDEGRADED", 0.63 * 0.7 / 0.98,
                        "yDEGRADED", 0.63 * 0.28 / 0.98));
    }

    @Test
    void pick_drainingHosts_lowerNeitherPriorityNorLocality() {
        List<Endpoint> leaving = List.of(
                endpoint(1, 1, Health.HEALTHY),
                endpoint(2, 1, Health.DRAINING),
                endpoint(3, 1, Health.DRAINING),
                endpoint(4, 1, Health.DRAINING));
        UpstreamCluster cluster = living(
                localityWeighted(RANDOM),
                assignment(
                        locality("x", 0, 1, leaving),
                        locality("y", 0, 1, endpoints(11, 1, 0, 0)),
                        locality("z", 1, 1, endpoints(21, 1, 0, 0))),
                SEED);

        Shares.of(cluster, 1_000, SEED, UpstreamClusterTest::port).areWithin(4, Map.of("1", 0.5, "11", 0.5));
    }

    @Test
    void pick_localitiesWithoutWeight_areOneAgain() {
        UpstreamCluster cluster = living(
                localityWeighted(RANDOM),
                assignment(locality("x", 0, 0, endpoints(1, 1, 0, 0)), locality("y", 0, 0, endpoints(11, 3, 0, 0))),
                SEED);

        Shares.of(cluster, PICKS, SEED, host -> host.locality().zone())
                .areWithinFiveSigmaOf(Map.of("x", 0.25, "y", 0.75));
    }

    @Test
    void pick_localityOfWeightZero_getsNothing() {
        UpstreamCluster cluster = living(
                localityWeighted(RANDOM),
                assignment(locality("x", 0, 0, endpoints(1, 1, 0, 0)), locality("y", 0, 5, endpoints(11, 1, 0, 0))),
                SEED);

        Shares.of(cluster, 1_000, SEED, host -> host.locality().zone()).areWithin(0.001, Map.of("y", 1.0));
    }

    @Test
    void pick_healthByWeight_spillsByWeight() {
        Assignment assignment = new Assignment(
                "a",
                List.of(
                        locality("x", 0, 0, List.of(endpoint(1, 1, Health.HEALTHY), endpoint(2, 3, Health.UNHEALTHY))),
                        locality("x", 1, 0, endpoints(11, 1, 0, 0))),
                Assignment.DEFAULT_OVERPROVISIONING,
                true);

        Shares.of(living(ROUND_ROBIN, assignment, SEED), PICKS, SEED, UpstreamClusterTest::priority)
                .areWithinFiveSigmaOf(Map.of("0", 0.35, "1", 0.65));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void pick_rejectedHosts_choosesAgainAndAtLastKeepsWhatItHas(int further) {
        UpstreamCluster cluster =
                living(balancing(RANDOM), assignment(locality("a", 0, 0, endpoints(1, 2, 0, 0))), SEED);
        RandomGenerator random = new SplittableRandom(SEED);
        PickContext notTheFirst = new PickContext() {
            @Override
            public RandomGenerator random() {
                return random;
            }

            @Override
            public boolean rejects(Host host) {
                return host.port() == 1;
            }

            @Override
            public int hostSelectionAttempts() {
                return further;
            }
        };
        int first = 0;
        for (int i = 0; i < PICKS; i++) {
            Host host = pick(cluster, notTheFirst);
            first += host.port() == 1 ? 1 : 0;
        }
        double share = Math.pow(0.5, further + 1.0);
        assertThat((double) first).isBetween(PICKS * share - 500, PICKS * share + 500);
    }

    @Test
    void trace_choiceWithLocality_saysHowItCameAbout() {
        UpstreamCluster cluster = living(
                localityWeighted(LEAST_REQUEST),
                assignment(locality("x", 0, 1, endpoints(1, 2, 0, 1)), locality("x", 1, 1, endpoints(11, 1, 0, 0))),
                SEED);

        PickTrace trace = new PickTrace();
        SplittableRandom random = new SplittableRandom(SEED);
        Host host = cluster.pick(tracing(random, trace));
        while (host != null && host.priority() != 0) {
            host = cluster.pick(tracing(random, trace));
        }
        assertThat(trace).hasToString("priority 0 (93 % of the load), locality r/x/, least request among 2 of 3 hosts");
        assertThat(trace.attempts()).isEqualTo(1);
        assertThat(trace.candidates()).isEqualTo(2);
    }

    @Test
    void eject_hostOfThree_takesItOutAndReadmits() {
        UpstreamCluster cluster = living(ROUND_ROBIN, assignment(locality("a", 0, 0, endpoints(1, 3, 0, 0))), SEED);
        Host second = host(cluster, 2);

        cluster.eject(second, true);
        assertThat(second.health()).isEqualTo(Health.UNHEALTHY);
        Shares.of(cluster, 100, SEED, UpstreamClusterTest::port).areWithinFiveSigmaOf(Map.of("1", 0.5, "3", 0.5));

        cluster.eject(second, false);
        assertThat(second.health()).isEqualTo(Health.HEALTHY);
        Shares.of(cluster, 300, SEED, UpstreamClusterTest::port)
                .areWithin(0.001, Map.of("1", 1 / 3.0, "2", 1 / 3.0, "3", 1 / 3.0));
    }

    private static PickTrace trace(UpstreamCluster cluster) {
        PickTrace trace = new PickTrace();
        cluster.pick(tracing(new SplittableRandom(SEED), trace));
        return trace;
    }

    private static PickContext tracing(RandomGenerator random, PickTrace trace) {
        return new PickContext() {
            @Override
            public RandomGenerator random() {
                return random;
            }

            @Override
            public @Nullable PickTrace trace() {
                return trace;
            }
        };
    }

    private static Host host(UpstreamCluster cluster, int port) {
        return cluster.hosts().stream()
                .filter(host -> host.port() == port)
                .findFirst()
                .orElseThrow();
    }

    private static String port(Host host) {
        return Integer.toString(host.port());
    }

    private static String priority(Host host) {
        return Integer.toString(host.priority());
    }
}
