package io.inmesh.benchmarks;

import io.inmesh.snapshot.Dialect.Choice;
import io.inmesh.snapshot.Dialect.Destination;
import io.inmesh.snapshot.Dialect.Directory;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.xds.XdsDialect;
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

/** What each snapshot of istiod's costs the configuration thread before a request can find its listener, and what the request then pays. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class IndexBenchmark {
    private static final XdsDialect ISTIO = XdsDialect.istio("shop");

    /** How many services the mesh has. */
    @Param({"100", "5000"})
    public int services;

    private MeshSnapshot snapshot = MeshSnapshot.EMPTY;
    private Directory directory = ISTIO.index(MeshSnapshot.EMPTY);
    private final Destination http = new Destination("http", "svc-7.shop", 80);
    private final Destination tcp = new Destination("http", "svc-10.shop", SampleSidecar.TCP_PORT);
    private final Destination ranged = new Destination("http", "svc-7.shop", SampleSidecar.RANGED_PORT);

    /** Makes the mesh. */
    @Setup
    public void setUp() {
        snapshot = SampleSidecar.snapshot(services);
        directory = ISTIO.index(snapshot);
    }

    /** One index. */
    @Benchmark
    public Directory index() {
        return ISTIO.index(snapshot);
    }

    /** A port that only HTTP has. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public Choice chooseByPort() {
        return directory.choose(http);
    }

    /** A service with a listener of its own. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public Choice chooseByAddress() {
        return directory.choose(tcp);
    }

    /** A port where the address decides. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public Choice chooseByRange() {
        return directory.choose(ranged);
    }
}
