package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Which cluster a request of a route goes to. What can be made beforehand is; only a cluster that a header names costs an object. */
final class ClusterSelector {
    private final ClusterTarget[] targets;
    private final long[] upperBounds;
    private final long totalWeight;
    private final @Nullable String randomHeader;
    private final @Nullable String clusterHeader;

    ClusterSelector(ClusterChoice choice, ToIntFunction<String> indexes) {
        String newRandomHeader = null;
        String newClusterHeader = null;
        long total = 0;
        if (choice instanceof ClusterChoice.Weighted weighted) {
            newRandomHeader = weighted.randomHeader();
            total = weighted.totalWeight();
            int count = weighted.clusters().size();
            targets = new ClusterTarget[count];
            upperBounds = new long[count];
            long bound = 0;
            for (int i = 0; i < count; i++) {
                ClusterWeight cluster = weighted.clusters().get(i);
                bound += cluster.weight();
                upperBounds[i] = bound;
                String name = cluster.cluster();
                targets[i] = new ClusterTarget(
                        name == null ? "" : name, name == null ? -1 : indexes.applyAsInt(name), i, cluster);
            }
        } else {
            upperBounds = new long[0];
            if (choice instanceof ClusterChoice.Named named) {
                targets = new ClusterTarget[] {
                    new ClusterTarget(named.cluster(), indexes.applyAsInt(named.cluster()), -1, null)
                };
            } else {
                newClusterHeader = ((ClusterChoice.FromHeader) choice).header();
                targets = new ClusterTarget[] {new ClusterTarget("", -1, -1, null)};
            }
        }
        randomHeader = newRandomHeader;
        clusterHeader = newClusterHeader;
        totalWeight = total;
    }

    ClusterTarget choose(Headers headers, long random) {
        if (upperBounds.length == 0) {
            return clusterHeader == null ? targets[0] : named(headers, clusterHeader, targets[0]);
        }
        long value = Long.remainderUnsigned(chance(headers, random), totalWeight);
        int i = 0;
        while (value >= upperBounds[i]) {
            i++;
        }
        ClusterTarget target = targets[i];
        ClusterWeight weight = target.weight();
        String header = weight == null ? null : weight.clusterHeader();
        return header == null ? target : named(headers, header, target);
    }

    private static ClusterTarget named(Headers headers, String header, ClusterTarget nameless) {
        String name = headers.get(header);
        return name == null ? nameless : new ClusterTarget(name, -1, nameless.weightIndex(), nameless.weight());
    }

    /** {@code WeightedCluster.header_name}: a single value that is a whole number takes the place of chance. */
    private long chance(Headers headers, long random) {
        if (randomHeader == null) {
            return random;
        }
        int first = headers.indexOf(randomHeader, 0);
        if (first < 0 || headers.indexOf(randomHeader, first + 1) >= 0) {
            return random;
        }
        try {
            return Long.parseUnsignedLong(headers.value(first).strip());
        } catch (NumberFormatException notANumber) {
            return random;
        }
    }
}
