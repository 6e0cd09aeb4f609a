package io.inmesh.benchmarks;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickContext;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.Assignment;
import io.inmesh.model.Cluster;
import io.inmesh.model.Cluster.Discovery.OriginalDestination;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.MeshSnapshot.ClusterState;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The choice of a host that the request names, of a cluster of original destinations that has many already. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NamedHostsBenchmark {
    private static final String HEADER = "x-to";
    private static final int NEW_ADDRESSES = 1 << 20;

    /** How many hosts there are before. Up to 4,096 are kept without a request; beyond that each is in use. */
    @Param({"1000", "4096", "20000"})
    public int hosts;

    private @Nullable UpstreamCluster cluster;
    private Named[] made = {};
    private Named known = new Named("10.0.0.1:80");
    private int next;

    /** Addresses that no request has named yet, though all of them after a million requests. */
    @Setup
    public void addresses() {
        made = new Named[NEW_ADDRESSES];
        for (int i = 0; i < made.length; i++) {
            made[i] = new Named("11." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + ":80");
        }
    }

    /** The hosts that are there. */
    @Setup(Level.Iteration)
    public void setUp() {
        UpstreamClusters clusters = new UpstreamClusters(new SplittableRandom(1), System::nanoTime);
        Cluster configuration = Cluster.of("c", new OriginalDestination(HEADER, 0, Duration.ofSeconds(5)));
        clusters.apply(new MeshSnapshot(
                1,
                Map.of(),
                Map.of(),
                Map.of("c", new ClusterState.Ready(configuration, Assignment.empty("c"))),
                Map.of()));
        UpstreamCluster filled = clusters.get("c");
        for (int i = 0; i < hosts; i++) {
            Named named = new Named("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + ":80");
            Host host = Objects.requireNonNull(filled.pick(named));
            if (hosts > 4096) {
                host.activeRequests().incrementAndGet();
            }
            known = named;
        }
        cluster = filled;
    }

    /** A host that is there. */
    @Benchmark
    public @Nullable Host pickKnown() {
        UpstreamCluster filled = cluster;
        return filled == null ? null : filled.pick(known);
    }

    /** A host that is not. */
    @Benchmark
    public @Nullable Host pickNew() {
        UpstreamCluster filled = cluster;
        return filled == null ? null : filled.pick(made[next++ & (NEW_ADDRESSES - 1)]);
    }

    /** What a first attempt asks for. */
    private static final class Named implements PickContext {
        private final RequestHead head;

        Named(String address) {
            head = new RequestHead("GET", "http", "any", "/", Headers.of(HEADER, address));
        }

        @Override
        public RandomGenerator random() {
            return ThreadLocalRandom.current();
        }

        @Override
        public RequestHead request() {
            return head;
        }
    }
}
