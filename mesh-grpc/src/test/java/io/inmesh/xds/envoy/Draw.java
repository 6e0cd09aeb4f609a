package io.inmesh.xds.envoy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Seeded choices. */
final class Draw {
    private final SplittableRandom random;

    Draw(long seed) {
        random = new SplittableRandom(seed);
    }

    /** True in so many of 100 cases. */
    boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    int between(int from, int to) {
        return random.nextInt(from, to + 1);
    }

    @SafeVarargs
    final <T> T of(T... values) {
        return values[random.nextInt(values.length)];
    }

    <T> T of(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    /** One of several ways of making something; only the chosen one is made. */
    @SafeVarargs
    final <T> T way(Supplier<? extends T>... ways) {
        return ways[random.nextInt(ways.length)].get();
    }
}
