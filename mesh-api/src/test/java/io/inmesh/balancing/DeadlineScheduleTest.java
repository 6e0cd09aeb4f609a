package io.inmesh.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeadlineScheduleTest {

    @Test
    void first_fixedCosts_comesAsOftenAsItIsCheap() {
        SplittableRandom random = new SplittableRandom(4);
        for (int round = 0; round < 100; round++) {
            int size = 2 + random.nextInt(30);
            double[] costs = random.doubles(size, 0.1, 5).toArray();
            double rate = 0;
            for (double cost : costs) {
                rate += 1 / cost;
            }
            DeadlineSchedule schedule = new DeadlineSchedule(costs, random);
            int[] counts = new int[size];
            int picks = 5_000;
            for (int i = 0; i < picks; i++) {
                counts[schedule.first()]++;
                schedule.postpone(costs[schedule.first()]);
            }
            for (int i = 0; i < size; i++) {
                assertThat(counts[i] - picks / costs[i] / rate)
                        .as("round %d", round)
                        .isBetween(-2.0, 2.0);
            }
        }
    }

    @Test
    void first_costsThatGrow_comesLessOften() {
        DeadlineSchedule schedule = new DeadlineSchedule(new double[] {1, 1, 1}, new SplittableRandom(2));
        int[] counts = new int[3];
        for (int i = 0; i < 7_000; i++) {
            int first = schedule.first();
            counts[first]++;
            schedule.postpone(first == 2 ? 3 : 1);
        }
        assertThat(counts[2]).isBetween(998, 1_002);
    }
}
