package io.inmesh.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.Explanation.Verdict;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.ResetReason;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.FilterStep;
import io.inmesh.filter.FilterStream;
import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.HttpFilterFactory;
import io.inmesh.filter.Suspension;
import io.inmesh.model.Cluster.Thresholds;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.RawFilterConfig;
import io.inmesh.model.RetryPolicy;
import io.inmesh.model.RetryPolicy.Condition;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Timeouts;
import io.inmesh.outbound.MeshFixture.Call;
import io.inmesh.outbound.ScriptedTransport.Scripted;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens in whatever order: a call that was not cancelled ends exactly once, no count is left behind, no timer runs on, and what a
 * host was sent is the start of the application's body, each byte once.
 */
class EventOrderTest {
    private static final int CALLS = 1_500;
    private static final ResetReason[] REASONS = ResetReason.values();
    private static final int[] STATUSES = {200, 204, 404, 500, 503};

    /** Suspensions that nobody has ended yet, of requests and of responses. */
    private final Deque<Suspension> suspended = new ArrayDeque<>();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyOrderOfEvents_endsOnceAndLeavesNothingBehind(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < CALLS; i++) {
            suspended.clear();
            outcomes.merge(oneCall(random.split(), "seed " + seed + ", call " + i), 1, Integer::sum);
        }
        // Otherwise the events have become so tame that the test tests nothing.
        assertThat(outcomes)
                .containsOnlyKeys("answered by the mesh", "broken", "cancelled", "whole", "whole after retries")
                .allSatisfy((outcome, times) -> assertThat(times).as(outcome).isGreaterThan(CALLS / 100));
    }

    private static String outcome(Call call) {
        RecordingObserver observer = call.observer();
        if (!observer.isOver()) {
            return "cancelled";
        }
        if (!observer.completed) {
            return "broken";
        }
        if (observer.facts().explanation().verdict() == Verdict.ANSWERED) {
            return "answered by the mesh";
        }
        return observer.facts().attempts() > 1 ? "whole after retries" : "whole";
    }

    private String oneCall(SplittableRandom random, String label) {
        MeshFixture mesh = new MeshFixture(
                destination -> false,
                FilterFactories.builtIn().with(new Hesitant(random.split()), Runnable::run),
                random.split());
        if (random.nextInt(3) == 0) {
            mesh.filters.add(new HttpFilterConfig("hesitant", new Hesitation(), false));
            mesh.filters.add(new HttpFilterConfig("router", new FilterConfig.Router(), false));
        }
        mesh.requestTimeout = random.nextBoolean() ? Duration.ofSeconds(20) : null;
        mesh.cluster("a", 3, new Thresholds(9, 9, 9, random.nextInt(3), null), 20);
        boolean late = random.nextInt(4) == 0;
        Route route = route(random);
        if (!late) {
            mesh.publish(route);
        }
        boolean hasBody = random.nextBoolean();
        Call call = mesh.call(hasBody ? "POST" : "GET", "orders", "/", hasBody ? new HandBody() : null);
        List<String> sent = new ArrayList<>();
        boolean cancelled = false;
        for (int step = 0; step < 60; step++) {
            if (late && random.nextInt(6) == 0) {
                mesh.publish(route);
                late = false;
            }
            if (random.nextInt(60) == 0) {
                call.call().cancel();
                cancelled = true;
            }
            step(mesh, call, sent, random);
            mesh.loop.run();
        }
        if (late) {
            mesh.publish(route);
        }
        settle(mesh, call, sent, random);

        RecordingObserver observer = call.observer();
        if (cancelled) {
            assertThat(observer.terminals).as(label).isLessThanOrEqualTo(1);
        } else {
            assertThat(observer.terminals).as(label).isEqualTo(1);
        }
        assertThat(mesh.activeRequests("a")).as("%s: active requests", label).isZero();
        assertThat(mesh.retriesUnderWay("a")).as("%s: retries", label).isZero();
        assertThat(mesh.loop.timers()).as("%s: timers", label).isZero();
        assertThat(call.body().starts).as("%s: subscriptions", label).isLessThanOrEqualTo(1);
        assertThat(call.body().starts == 0 || call.body().over || call.body().cancelled)
                .as("%s: the body is over or cancelled", label)
                .isTrue();
        String whole = String.join("", sent);
        for (Scripted attempt : mesh.transport.attempts) {
            assertThat(attempt.isOpen()).as("%s: an open attempt", label).isFalse();
            assertThat(whole).as("%s: what a host was sent", label).startsWith(attempt.written());
            assertThat(attempt.head)
                    .as("%s: a head that was changed after it was given away", label)
                    .isEqualTo(attempt.headAsSent);
        }
        return outcome(call);
    }

    private static Route route(SplittableRandom random) {
        RetryPolicy policy = new RetryPolicy(
                Set.of(Condition.FIVE_XX, Condition.RESET, Condition.CONNECT_FAILURE),
                random.nextInt(4),
                random.nextBoolean() ? Duration.ofMillis(500) : null,
                random.nextBoolean() ? Duration.ofMillis(300) : null,
                List.of(RetryPolicy.HostPredicate.PREVIOUS_HOSTS),
                3,
                Set.of(),
                RetryPolicy.BackOff.DEFAULT,
                null,
                List.of(),
                List.of());
        return MeshFixture.to(
                "a",
                new Timeouts(Duration.ofSeconds(1 + random.nextInt(5)), null, null),
                random.nextInt(3) == 0 ? null : policy);
    }

    private void step(MeshFixture mesh, Call call, List<String> sent, SplittableRandom random) {
        switch (random.nextInt(14)) {
            case 0 -> mesh.loop.advance(Duration.ofMillis(random.nextInt(400)));
            case 1 -> call.call().request(1 + random.nextInt(9));
            case 2, 3 -> push(call, sent, random);
            case 4 -> {
                if (call.body().mayEnd() && random.nextInt(3) == 0) {
                    call.body().end();
                }
            }
            case 5 -> {
                if (call.body().mayEnd() && random.nextInt(12) == 0) {
                    call.body().fail(new IllegalStateException("the application's body"));
                }
            }
            case 6 -> release(random);
            default -> ofTransport(mesh, random);
        }
    }

    private static void push(Call call, List<String> sent, SplittableRandom random) {
        if (call.body().mayPush()) {
            String piece = Integer.toString(random.nextInt(1, 100_000));
            sent.add(piece);
            call.body().push(piece);
        }
    }

    private static void ofTransport(MeshFixture mesh, SplittableRandom random) {
        if (mesh.transport.attempts.isEmpty()) {
            return;
        }
        // Mostly the newest attempt; sometimes one that is long over, which must be of no effect.
        Scripted attempt = random.nextInt(5) == 0
                ? mesh.transport.attempt(1 + random.nextInt(mesh.transport.attempts.size()))
                : mesh.transport.last();
        switch (random.nextInt(9)) {
            case 0, 1 -> attempt.connect();
            case 2 -> attempt.writable = false;
            case 3 -> attempt.becomeWritable();
            case 4 -> attempt.reset(REASONS[random.nextInt(REASONS.length)], "as the seed has it");
            case 5 -> attempt.respond(STATUSES[random.nextInt(STATUSES.length)]);
            case 6 -> attempt.respondWhole(STATUSES[random.nextInt(STATUSES.length)]);
            case 7 -> attempt.sendIfAsked("xy");
            default -> attempt.finish(random.nextBoolean() ? null : Headers.of("a", "trailer"));
        }
    }

    private void release(SplittableRandom random) {
        Suspension next = suspended.poll();
        if (next != null) {
            if (random.nextInt(5) == 0) {
                next.reply(io.inmesh.exchange.LocalReply.of(429, "hesitated", null, "hesitation"));
            } else {
                next.resume();
            }
        }
    }

    /** Lets everything come to its end: no more mischief, and enough time for every limit. */
    private void settle(MeshFixture mesh, Call call, List<String> sent, SplittableRandom random) {
        call.call().request(Long.MAX_VALUE);
        for (int i = 0; i < 40; i++) {
            while (!suspended.isEmpty()) {
                release(random);
                mesh.loop.run();
            }
            push(call, sent, random);
            if (call.body().mayEnd()) {
                call.body().end();
            }
            mesh.loop.advance(Duration.ofSeconds(30));
        }
    }

    private record Hesitation() implements FilterConfig {}

    /** A filter that lets requests and responses through at once, or when a test says so, or not at all. */
    private final class Hesitant implements HttpFilterFactory<Hesitation>, HttpFilter {
        private final SplittableRandom random;

        Hesitant(SplittableRandom random) {
            this.random = random;
        }

        private FilterStep hesitate() {
            if (random.nextInt(3) > 0) {
                return FilterStep.CONTINUE;
            }
            Suspension suspension = new Suspension();
            suspended.add(suspension);
            return suspension;
        }

        @Override
        public FilterStep onRequest(FilterStream stream) {
            return hesitate();
        }

        @Override
        public FilterStep onResponse(FilterStream stream, ResponseHead head) {
            return hesitate();
        }

        @Override
        public Set<String> typeUrls() {
            return Set.of("test/hesitant");
        }

        @Override
        public Class<Hesitation> configType() {
            return Hesitation.class;
        }

        @Override
        public Hesitation parse(RawFilterConfig raw) {
            return new Hesitation();
        }

        @Override
        public HttpFilter create(Levels<Hesitation> config) {
            return this;
        }
    }
}
