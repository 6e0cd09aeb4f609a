package io.inmesh.benchmarks;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickContext;
import io.inmesh.balancing.UpstreamCluster;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The choice of a host alone, every balancer, small and large clusters. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PickBenchmark {

    /** How many endpoints the cluster has. */
    @Param({"3", "100", "10000"})
    public int endpoints;

    /** Which balancer. */
    @Param
    public Balancer balancer = Balancer.ROUND_ROBIN;

    private @Nullable UpstreamCluster cluster;
    private final PickContext context = new FirstAttempt();

    /** Makes the cluster. */
    @Setup
    public void setUp() {
        cluster = SampleMesh.cluster(balancer, endpoints);
    }

    /** One choice. */
    @Benchmark
    public @Nullable Host pick() {
        UpstreamCluster known = cluster;
        return known == null ? null : known.pick(context);
    }

    /** What a first attempt asks for. */
    static final class FirstAttempt implements PickContext {
        @Override
        public RandomGenerator random() {
            return ThreadLocalRandom.current();
        }
    }
}
