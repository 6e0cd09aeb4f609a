package io.inmesh.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.balancing.PriorityLoads.Availability;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriorityLoadsTest {
    private static final int OVERPROVISIONING = 140;

    /** "Priority levels", three tables in one. Healthy percentages, then loads. */
    @ParameterizedTest
    @CsvSource({
        "100/100, 100/0",
        "72/100, 100/0",
        "71/100, 99/1",
        "50/100, 70/30",
        "25/100, 35/65",
        "0/100, 0/100",
        "72/72, 100/0",
        "71/71, 99/1",
        "50/50, 70/30",
        "25/25, 50/50",
        "100/100/100, 100/0/0",
        "72/72/100, 100/0/0",
        "71/71/100, 99/1/0",
        "50/50/100, 70/30/0",
        "25/100/100, 35/65/0",
        "25/25/100, 35/35/30",
        // The document has 36/36/28. It rounds each share on its own; the code cuts them off and gives the rest to the
        // first priority.
        "25/25/20, 37/35/28"
    })
    void loads_documentedHealth_areThoseOfTheTable(String healthy, String expected) {
        PriorityLoads loads = PriorityLoads.of(healthyPercentages(healthy), OVERPROVISIONING, 0);

        assertThat(healthyLoads(loads, numbers(healthy).length)).containsExactly(numbers(expected));
    }

    /** "Degraded endpoints": percentages of healthy, degraded and unhealthy hosts, then the loads of healthy and degraded ones. */
    @ParameterizedTest
    @CsvSource({"100/0/0, 100/0", "71/0/29, 100/0", "71/29/0, 99/1", "25/65/10, 35/65", "5/0/95, 100/0"})
    void loads_documentedDegradation_areThoseOfTheTable(String health, String expected) {
        int[] percent = numbers(health);
        PriorityLoads loads = PriorityLoads.of(List.of(hosts(100, percent[0], percent[1])), OVERPROVISIONING, 0);

        assertThat(new int[] {loads.healthy(0), loads.degraded(0)}).containsExactly(numbers(expected));
    }

    /** "Panic threshold", both tables: healthy percentages, loads, and which priorities are in panic. */
    @ParameterizedTest
    @CsvSource({
        "72/100, 100/0, no/no",
        "71/100, 99/1, no/no",
        "50/100, 70/30, no/no",
        "25/100, 35/65, no/no",
        "0/100, 0/100, no/no",
        "72/72, 100/0, no/no",
        "71/71, 99/1, no/no",
        // The document says 50/50 and 25/75 in the next two rows, against its own formula.
        "50/60, 70/30, no/no",
        "25/100, 35/65, no/no",
        "25/25, 50/50, yes/yes",
        // The document rounds to 7/93; the code gives what is cut off to the first priority.
        "5/65, 8/92, yes/no"
    })
    void loads_belowThreshold_panicAsInTheTable(String healthy, String expected, String panic) {
        PriorityLoads loads = PriorityLoads.of(healthyPercentages(healthy), OVERPROVISIONING, 50);

        assertThat(healthyLoads(loads, 2)).containsExactly(numbers(expected));
        assertThat((loads.panic(0) ? "yes" : "no") + "/" + (loads.panic(1) ? "yes" : "no"))
                .isEqualTo(panic);
    }

    /** The example in the code of {@code recalculatePerPriorityState}: 10/20/10 healthy and 20/10/0 degraded percent without overprovisioning. */
    @Test
    void loads_scarceHealthyAndDegraded_areScaledTogether() {
        PriorityLoads loads =
                PriorityLoads.of(List.of(hosts(100, 10, 20), hosts(100, 20, 10), hosts(100, 10, 0)), 100, 0);

        assertThat(healthyLoads(loads, 3)).containsExactly(16, 28, 14);
        assertThat(IntStream.range(0, 3).map(loads::degraded)).containsExactly(28, 14, 0);
    }

    @Test
    void loads_panicEverywhere_followTheNumberOfHosts() {
        PriorityLoads loads =
                PriorityLoads.of(List.of(hosts(0, 0, 0), hosts(2, 0, 0), hosts(4, 1, 0)), OVERPROVISIONING, 50);

        assertThat(healthyLoads(loads, 3)).containsExactly(0, 34, 66);
        assertThat(loads.panic(0) && loads.panic(1) && loads.panic(2)).isTrue();
    }

    @Test
    void loads_noHostAtAll_goToTheFirstPriority() {
        assertThat(PriorityLoads.of(List.of(hosts(0, 0, 0)), OVERPROVISIONING, 50)
                        .healthy(0))
                .isEqualTo(100);
        assertThat(PriorityLoads.of(List.of(hosts(0, 0, 0)), OVERPROVISIONING, 0)
                        .healthy(0))
                .isEqualTo(100);
    }

    @Test
    void loads_allUnhealthyWithoutPanic_goToTheFirstPriority() {
        PriorityLoads loads = PriorityLoads.of(List.of(hosts(3, 0, 0), hosts(5, 0, 0)), OVERPROVISIONING, 0);

        assertThat(healthyLoads(loads, 2)).containsExactly(100, 0);
        assertThat(loads.panic(0)).isFalse();
    }

    /** Envoy rounds the threshold: PROTOBUF_PERCENT_TO_ROUNDED_INTEGER_OR_DEFAULT. */
    @Test
    void panic_fractionalThreshold_isRounded() {
        List<Availability> half = List.of(hosts(2, 1, 0));

        assertThat(PriorityLoads.of(half, OVERPROVISIONING, 50.4).panic(0)).isFalse();
        assertThat(PriorityLoads.of(half, OVERPROVISIONING, 50.5).panic(0)).isTrue();
    }

    @Test
    void panic_healthByWeight_stillCountsHosts() {
        // One of four hosts is healthy, with nearly all of the weight: 97 % health, so no spill, but a total below 100
        // and panic below 50 % of hosts.
        Availability heavy = new Availability(4, 0, 1, 0, 100, 97, 0);

        assertThat(PriorityLoads.of(List.of(heavy), 100, 50).panic(0)).isTrue();
        assertThat(PriorityLoads.of(List.of(heavy), OVERPROVISIONING, 50).panic(0))
                .isFalse();
    }

    /** Seen in Envoy 1.40: of four hosts two are healthy and one drains, which makes it two of three. */
    @Test
    void loads_drainingHosts_areNotCounted() {
        Availability draining = new Availability(4, 1, 2, 0, 3, 2, 0);

        PriorityLoads loads = PriorityLoads.of(List.of(draining, hosts(1, 1, 0)), OVERPROVISIONING, 50);
        assertThat(healthyLoads(loads, 2)).containsExactly(93, 7);

        Availability allDrain = new Availability(4, 4, 0, 0, 0, 0, 0);
        assertThat(PriorityLoads.of(List.of(allDrain), OVERPROVISIONING, 50).panic(0))
                .isTrue();
    }

    @Test
    void loads_anyHealth_addUpAndNeverReachTheDead() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 20_000; round++) {
            List<Availability> priorities = new ArrayList<>();
            int size = 1 + random.nextInt(5);
            for (int i = 0; i < size; i++) {
                int hosts = random.nextInt(12);
                int healthy = hosts == 0 ? 0 : random.nextInt(hosts + 1);
                priorities.add(hosts(hosts, healthy, hosts == healthy ? 0 : random.nextInt(hosts - healthy + 1)));
            }
            int overprovisioning = 100 + random.nextInt(100);
            PriorityLoads loads = PriorityLoads.of(priorities, overprovisioning, random.nextInt(101));
            int sum = 0;
            for (int i = 0; i < size; i++) {
                sum += loads.healthy(i) + loads.degraded(i);
                if (!loads.panic(i) && loads.healthy(i) > 0 && available(priorities)) {
                    assertThat(priorities.get(i).healthyHosts())
                            .as("round %d: %s", round, priorities)
                            .isPositive();
                }
                if (loads.degraded(i) > 0) {
                    assertThat(priorities.get(i).degradedHosts())
                            .as("round %d: %s", round, priorities)
                            .isPositive();
                }
            }
            assertThat(sum).as("round %d: %s", round, priorities).isEqualTo(100);
        }
    }

    @Test
    void loads_moreHealthyHostsInFront_neverGetLess() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 2_000; round++) {
            int behind = random.nextInt(101);
            int before = 0;
            for (int healthy = 0; healthy <= 100; healthy++) {
                int load = PriorityLoads.of(List.of(hosts(100, healthy, 0), hosts(100, behind, 0)), OVERPROVISIONING, 0)
                        .healthy(0);
                // Where the total is short of 100, cutting off can move a percent or two to and fro.
                assertThat(load).as("%d/%d", healthy, behind).isGreaterThanOrEqualTo(before - 1);
                before = Math.max(before, load);
            }
        }
    }

    private static boolean available(List<Availability> priorities) {
        return priorities.stream().anyMatch(each -> each.healthyHosts() + each.degradedHosts() > 0);
    }

    private static Availability hosts(int all, int healthy, int degraded) {
        return new Availability(all, 0, healthy, degraded, all, healthy, degraded);
    }

    private static List<Availability> healthyPercentages(String slashed) {
        return Arrays.stream(numbers(slashed))
                .mapToObj(percent -> hosts(100, percent, 0))
                .toList();
    }

    private static int[] healthyLoads(PriorityLoads loads, int priorities) {
        return IntStream.range(0, priorities).map(loads::healthy).toArray();
    }

    private static int[] numbers(String slashed) {
        return Arrays.stream(slashed.split("/")).mapToInt(Integer::parseInt).toArray();
    }
}
