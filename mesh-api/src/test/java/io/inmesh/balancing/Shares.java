package io.inmesh.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Counts what was chosen, and compares it with what should have been. */
final class Shares {
    private final Map<String, Integer> counts = new TreeMap<>();
    private final int picks;
    private final long seed;

    private Shares(int picks, long seed) {
        this.picks = picks;
        this.seed = seed;
    }

    /** Chooses often and counts by a property of the chosen host; {@code none} where there was no host. */
    static Shares of(UpstreamCluster cluster, int picks, long seed, Function<Host, String> property) {
        Shares shares = new Shares(picks, seed);
        PickContext context = Clusters.context(new SplittableRandom(seed));
        for (int i = 0; i < picks; i++) {
            @Nullable Host host = cluster.pick(context);
            shares.counts.merge(host == null ? "none" : property.apply(host), 1, Integer::sum);
        }
        return shares;
    }

    /** Each share lies within five standard deviations of what a draw with that probability would give, and nothing else was chosen. */
    void areWithinFiveSigmaOf(Map<String, Double> expected) {
        assertThat(expected.keySet()).as("seed %d: %s", seed, counts).containsAll(counts.keySet());
        expected.forEach((name, share) -> {
            double sigma = Math.sqrt(picks * share * (1 - share));
            assertThat((double) counts.getOrDefault(name, 0))
                    .as("seed %d: %s of %s", seed, name, counts)
                    .isBetween(picks * share - 5 * sigma - 1e-6, picks * share + 5 * sigma + 1e-6);
        });
    }

    /** Each count differs by no more than {@code most} from the exact share. */
    void areWithin(double most, Map<String, Double> expected) {
        assertThat(expected.keySet()).as("seed %d: %s", seed, counts).containsAll(counts.keySet());
        expected.forEach((name, share) -> assertThat((double) counts.getOrDefault(name, 0))
                .as("seed %d: %s of %s", seed, name, counts)
                .isBetween(picks * share - most, picks * share + most));
    }
}
