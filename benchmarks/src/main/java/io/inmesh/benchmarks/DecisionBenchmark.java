package io.inmesh.benchmarks;

import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickContext;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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

/**
 * What the mesh decides for each request: the route among 200 virtual hosts with 10 routes each, the cluster, the host. Requests are spread over
 * all virtual hosts and all their routes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecisionBenchmark {
    private static final int REQUESTS = 1024;

    /** How many endpoints each cluster has. */
    @Param({"3", "100", "10000"})
    public int endpoints;

    /** Which balancer. */
    @Param
    public Balancer balancer = Balancer.ROUND_ROBIN;

    private final CompiledRoutes routes = CompiledRoutes.of(SampleRoutes.table());
    private final RequestHead[] requests = SampleRoutes.requests(REQUESTS).toArray(RequestHead[]::new);
    private final StreamInfo info = new StreamInfo();
    private final PickContext context = new PickBenchmark.FirstAttempt();
    private UpstreamCluster[] clusters = {};
    private int next;

    /** Resolves the clusters once, as a mesh does; they share one object so that memory stays small. */
    @Setup
    public void setUp() {
        clusters = new UpstreamCluster[routes.clusterNames().size()];
        Arrays.fill(clusters, SampleMesh.cluster(balancer, endpoints));
    }

    /** Route, cluster and host of one request. */
    @Benchmark
    public @Nullable Host decide() {
        RequestHead request = requests[next++ & REQUESTS - 1];
        long random = ThreadLocalRandom.current().nextLong();
        CompiledRoute route = routes.select(request, info, random);
        if (route == null) {
            throw new IllegalStateException("no route for " + request);
        }
        ClusterTarget target = route.chooseCluster(request, random);
        return clusters[target.index()].pick(context);
    }
}
