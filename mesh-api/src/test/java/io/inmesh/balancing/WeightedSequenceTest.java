package io.inmesh.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WeightedSequenceTest {

    @Test
    void next_anyWeights_staysCloseToTheSharesAtEveryLength() {
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 200; round++) {
            double[] weights = random.doubles(2 + random.nextInt(8), 0.01, 10).toArray();
            double total = Arrays.stream(weights).sum();
            WeightedSequence sequence = new WeightedSequence(weights, random);
            int[] counts = new int[weights.length];
            for (int n = 1; n <= 5_000; n++) {
                counts[sequence.next()]++;
                if (n % 97 == 0) {
                    for (int i = 0; i < weights.length; i++) {
                        // A draw at random would be off by 35 here, one time in three.
                        assertThat(counts[i] - n * weights[i] / total)
                                .as(
                                        "round %d, after %d: %s of %s",
                                        round, n, Arrays.toString(counts), Arrays.toString(weights))
                                .isBetween(-6.0, 6.0);
                    }
                }
            }
        }
    }

    @Test
    void next_oneIndex_isAlwaysThatOne() {
        WeightedSequence sequence = new WeightedSequence(new double[] {0.3}, new SplittableRandom(1));
        for (int i = 0; i < 100; i++) {
            assertThat(sequence.next()).isZero();
        }
    }

    @Test
    void next_everySecondCall_stillSeesEachIndexByItsWeight() {
        WeightedSequence sequence = new WeightedSequence(new double[] {1, 1}, new SplittableRandom(1));
        int[] counts = new int[2];
        for (int i = 0; i < 10_000; i++) {
            counts[sequence.next()]++;
            sequence.next();
        }
        assertThat(counts[0]).isBetween(4_990, 5_010);
    }

    @Test
    void next_weightsFarApart_servesTheLightestToo() {
        double[] weights = {1, 4_294_967_294.0};
        WeightedSequence sequence = new WeightedSequence(new double[] {1, 65_535}, new SplittableRandom(5));
        int[] counts = new int[2];
        for (int i = 0; i < 10 * 65_536; i++) {
            counts[sequence.next()]++;
        }
        assertThat(counts[0]).isBetween(7, 13);
        assertThat(new WeightedSequence(weights, new SplittableRandom(5)).next())
                .isEqualTo(1);
    }

    @Test
    void next_manySeeds_startAnywhere() {
        SplittableRandom random = new SplittableRandom(9);
        int[] counts = new int[4];
        for (int i = 0; i < 10_000; i++) {
            counts[new WeightedSequence(new double[] {1, 2, 3, 4}, random).next()]++;
        }
        for (int i = 0; i < 4; i++) {
            double share = (i + 1) / 10.0;
            assertThat(counts[i] - 10_000 * share).isBetween(-5 * 50.0, 5 * 50.0);
        }
    }
}
