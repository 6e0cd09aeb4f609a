package io.inmesh.benchmarks;

import io.inmesh.exchange.DownstreamConnection;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.PeerCertificate;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.security.AccessEngine;
import io.inmesh.security.AccessVerdict;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** What it costs to decide whether a request may pass, by 200 policies: by the one of them that is for its caller, or by none, after all of them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RbacBenchmark {
    private static final int POLICIES = 200;

    /** How the policies are written. */
    @Param
    public SamplePolicies form = SamplePolicies.PRINCIPALS;

    private AccessEngine engine = AccessEngine.compile(SamplePolicies.PRINCIPALS.rules(1));
    private final RequestHead request = new RequestHead(
            "GET",
            "https",
            "shop.default.svc.cluster.local",
            "/api/v1/orders/4711?expand=items",
            Headers.of("user-agent", "benchmark", "accept", "*/*", "x-request-id", "4711"));
    private final StreamInfo[] callers =
            IntStream.range(0, POLICIES).mapToObj(RbacBenchmark::caller).toArray(StreamInfo[]::new);
    private final StreamInfo stranger = caller(POLICIES);
    private int next;

    /** Compiles the policies. */
    @Setup
    public void setUp() {
        engine = AccessEngine.compile(form.rules(POLICIES));
        if (!engine.decide(request, callers[POLICIES / 2]).allowed()
                || engine.decide(request, stranger).allowed()) {
            throw new IllegalStateException("decided wrongly by " + form);
        }
    }

    /** Each caller in turn: half of the policies on average. */
    @Benchmark
    public AccessVerdict allowed() {
        next = next + 1 == POLICIES ? 0 : next + 1;
        return engine.decide(request, callers[next]);
    }

    /** A caller that nobody wants: all policies. */
    @Benchmark
    public AccessVerdict denied() {
        return engine.decide(request, stranger);
    }

    private static StreamInfo caller(int number) {
        PeerCertificate certificate = new PeerCertificate(
                List.of(SamplePolicies.name(number)), List.of(), List.of(), "", "", "", "", "", "", true);
        StreamInfo info = new StreamInfo();
        info.downstream(new DownstreamConnection(
                address("10.1.2.3"),
                40_000,
                address("10.9.9.9"),
                8080,
                new DownstreamConnection.Tls("", "istio", "TLSv1.3", "TLS_AES_128_GCM_SHA256", certificate)));
        return info;
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
