package io.inmesh.benchmarks;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The choice of a route alone: 200 virtual hosts with 10 routes each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RouteBenchmark {
    private static final int REQUESTS = 1024;

    private final CompiledRoutes routes = CompiledRoutes.of(SampleRoutes.table());
    private final RequestHead[] requests = SampleRoutes.requests(REQUESTS).toArray(RequestHead[]::new);
    private final StreamInfo info = new StreamInfo();
    private int next;

    /** The route of one request. */
    @Benchmark
    public @Nullable CompiledRoute select() {
        return routes.select(requests[next++ & REQUESTS - 1], info, 7);
    }
}
