package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.RequestHead;
import io.inmesh.model.LevelRules;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterChoiceTest {

    private static ClusterTarget choose(ClusterChoice choice, RequestHead head, long random) {
        CompiledRoutes routes = Requests.routes(Route.of("r", RouteMatch.prefix("/"), Forward.to(choice)));
        return Requests.select(routes, head).chooseCluster(head, random);
    }

    @ParameterizedTest
    @CsvSource({"0, a", "9, a", "10, c", "99, c", "100, a", "-1, c"})
    void weighted_randomNumber_fallsIntoTheIntervalsInOrder(long random, String expected) {
        ClusterChoice choice = ClusterChoice.Weighted.of(
                ClusterWeight.of("a", 10), ClusterWeight.of("b", 0), ClusterWeight.of("c", 90));

        // -1 is 18446744073709551615 without a sign, and 15 modulo 100.
        assertThat(choose(choice, Requests.get("h", "/"), random).name()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"3, a", "13, b", "nonsense, b", "-1, b"})
    void weighted_randomHeader_takesThePlaceOfChance(String value, String expected) {
        ClusterChoice choice = new ClusterChoice.Weighted(
                List.of(ClusterWeight.of("a", 10), ClusterWeight.of("b", 10)), 20, "x-random");

        assertThat(choose(choice, Requests.get("h", "/", "x-random", value), 15).name())
                .isEqualTo(expected);
        assertThat(choose(choice, Requests.get("h", "/", "x-random", "3", "x-random", "4"), 15)
                        .name())
                .isEqualTo("b");
    }

    @Test
    void weighted_randomTables_keepEveryShareWithinFiveDeviations() {
        int draws = 20_000;
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<ClusterWeight> weights = new ArrayList<>();
            long total = 0;
            for (int i = random.nextInt(1, 6); i > 0 || total == 0; i--) {
                long weight = random.nextBoolean() ? random.nextInt(1000) : 0;
                weights.add(ClusterWeight.of("c" + weights.size(), weight));
                total += weight;
            }
            ClusterChoice choice = ClusterChoice.Weighted.of(weights.toArray(ClusterWeight[]::new));
            RequestHead head = Requests.get("h", "/");
            CompiledRoute route =
                    Requests.select(Requests.routes(Route.of("r", RouteMatch.prefix("/"), Forward.to(choice))), head);
            int[] counts = new int[weights.size()];
            for (int i = 0; i < draws; i++) {
                counts[route.chooseCluster(head, random.nextLong()).weightIndex()]++;
            }
            for (int i = 0; i < counts.length; i++) {
                double share = (double) weights.get(i).weight() / total;
                double deviation = Math.sqrt(draws * share * (1 - share));
                assertThat(Math.abs(counts[i] - draws * share))
                        .as("seed %d, cluster %d of %s: %d", seed, i, weights, counts[i])
                        .isLessThanOrEqualTo(5 * deviation);
            }
        }
    }

    @Test
    void header_namesTheCluster_orThereIsNone() {
        ClusterChoice choice = new ClusterChoice.FromHeader("x-cluster");

        assertThat(choose(choice, Requests.get("h", "/", "x-cluster", "named", "x-cluster", "other"), 0))
                .isEqualTo(new ClusterTarget("named", -1, -1, null));
        assertThat(choose(choice, Requests.get("h", "/"), 0).name()).isEmpty();
    }

    @Test
    void weightedByHeader_keepsTheRulesOfItsEntry() {
        ClusterWeight weight = new ClusterWeight(null, "x-cluster", 1, LevelRules.NONE, "other.host");
        ClusterTarget target =
                choose(ClusterChoice.Weighted.of(weight), Requests.get("h", "/", "x-cluster", "named"), 0);

        assertThat(target).isEqualTo(new ClusterTarget("named", -1, 0, weight));
    }

    @Test
    void clusterNames_acrossRoutes_areStablePlaces() {
        CompiledRoutes routes = Requests.routes(
                Route.of("1", RouteMatch.prefix("/1"), Forward.to("a")),
                Route.of("2", RouteMatch.prefix("/2"), Forward.to("b")),
                Route.of("3", RouteMatch.prefix("/3"), Forward.to("a")));

        assertThat(routes.clusterNames()).containsExactly("a", "b");
        RequestHead head = Requests.get("h", "/3");
        assertThat(Requests.select(routes, head).chooseCluster(head, 0).index()).isZero();
    }
}
