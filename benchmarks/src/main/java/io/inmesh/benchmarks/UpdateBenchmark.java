package io.inmesh.benchmarks;

import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.snapshot.MeshSnapshot;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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

/** What a change of one endpoint costs the configuration thread: hosts are matched by address, and the cluster gets a new balancer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class UpdateBenchmark {

    /** How many endpoints the cluster has. */
    @Param({"3", "100", "10000"})
    public int endpoints;

    /** Which balancer. */
    @Param({"ROUND_ROBIN", "LEAST_REQUEST_WEIGHTED"})
    public Balancer balancer = Balancer.ROUND_ROBIN;

    private final UpstreamClusters clusters = new UpstreamClusters(new SplittableRandom(1));
    private MeshSnapshot[] turns = {};
    private int next;

    /** Two snapshots that differ by the last endpoint. */
    @Setup
    public void setUp() {
        turns = new MeshSnapshot[] {
            SampleMesh.snapshot(balancer, endpoints), SampleMesh.snapshot(balancer, endpoints + 1)
        };
    }

    /** One update. */
    @Benchmark
    public UpstreamClusters update() {
        clusters.apply(turns[next++ & 1]);
        return clusters;
    }
}
