package io.inmesh.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.RawFilterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random chains whose filters suspend, reply and run elsewhere, with an owner that answers and ends at any moment, in any order of events. */
class FilterRunInterleavingTest {

    @Test
    void run_anyOrderOfEvents_keepsItsPromises() {
        for (int seed = 0; seed < 5_000; seed++) {
            new Round(seed).play();
        }
    }

    private record Any(boolean elsewhere) implements FilterConfig {}

    private static final class Round implements FilterRun.Owner {
        private final long seed;
        private final Random random;
        private final Tasks tasks = new Tasks();
        private final List<Integer> requests = new ArrayList<>();
        private final List<Integer> responses = new ArrayList<>();
        private final List<Integer> ends = new ArrayList<>();
        private int routed;
        private int answered;
        private boolean over;
        private boolean busy;

        Round(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void play() {
            int length = 1 + random.nextInt(4);
            List<HttpFilterConfig> configs = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                configs.add(new HttpFilterConfig("f", new Any(random.nextBoolean()), false));
            }
            FilterFactories factories = FilterFactories.builtIn().with(new Factory(), tasks::executor);
            FilterRun run = new FilterRun(
                    tasks,
                    FilterChain.compile(configs, factories).base(),
                    new RequestHead("GET", "http", "a", "/", new Headers()),
                    true,
                    new StreamInfo(),
                    this);
            run.start();
            for (int step = 0; step < 12; step++) {
                tasks.runAny(random);
                if (random.nextInt(8) == 0 && routed == 1) {
                    run.respond(new ResponseHead(200, new Headers()));
                }
                if (random.nextInt(20) == 0) {
                    run.reply(LocalReply.of(503, "", null, "owner"));
                }
                if (random.nextInt(20) == 0) {
                    over = true;
                    run.end();
                }
            }
            boolean open = !over;
            while (tasks.runAny(random)) {
                // until nothing is left to happen
            }
            if (open && answered == 0) {
                assertThat(routed).as("stuck, seed %d", seed).isOne();
                run.respond(new ResponseHead(200, new Headers()));
                while (tasks.runAny(random)) {
                    // until nothing is left to happen
                }
            }
            if (open) {
                assertThat(answered).as("answers, seed %d", seed).isOne();
                assertThat(ends).isEmpty();
            }
            over = true;
            run.end();
            run.end();
            while (tasks.runAny(random)) {
                // until nothing is left to happen
            }
            verify(length);
        }

        private void verify(int length) {
            for (int i = 0; i < requests.size(); i++) {
                assertThat(requests.get(i))
                        .as("order of requests, seed %d", seed)
                        .isEqualTo(i);
            }
            for (int i = 0; i < responses.size(); i++) {
                assertThat(responses.get(i))
                        .as("order of responses, seed %d", seed)
                        .isEqualTo(length - 1 - i);
            }
            int seen = responses.isEmpty() && answered == 0 ? requests.size() : length;
            for (int i = 0; i < ends.size(); i++) {
                assertThat(ends.get(i)).as("order of ends, seed %d", seed).isEqualTo(i);
            }
            assertThat(ends).as("ends, seed %d", seed).hasSizeBetween(requests.size(), seen);
            assertThat(routed).as("routed, seed %d", seed).isLessThanOrEqualTo(1);
            assertThat(answered).as("answered, seed %d", seed).isLessThanOrEqualTo(1);
        }

        private FilterStep anyStep() {
            assertThat(busy).as("two filters at once, seed %d", seed).isFalse();
            return switch (random.nextInt(6)) {
                case 0 -> suspended(true);
                case 1 -> suspended(false);
                case 2 ->
                    random.nextInt(4) == 0
                            ? FilterStep.reply(LocalReply.of(418, "", null, "filter"))
                            : FilterStep.CONTINUE;
                default -> FilterStep.CONTINUE;
            };
        }

        private FilterStep suspended(boolean resumes) {
            Suspension suspension = new Suspension();
            Runnable answer = resumes || random.nextBoolean()
                    ? suspension::resume
                    : () -> suspension.reply(LocalReply.of(429, "", null, "filter"));
            if (random.nextInt(4) == 0) {
                answer.run();
            } else {
                tasks.outside(answer);
            }
            return suspension;
        }

        @Override
        public FilterPlan selectRoute() {
            throw new AssertionError("nothing cleared the route, seed " + seed);
        }

        @Override
        public void onRequest() {
            assertThat(tasks.inLoop()).isTrue();
            assertThat(over).as("heard after the end, seed %d", seed).isFalse();
            routed++;
        }

        @Override
        public void onResponse(ResponseHead head, @Nullable LocalReply reply) {
            assertThat(tasks.inLoop()).isTrue();
            assertThat(over).as("heard after the end, seed %d", seed).isFalse();
            answered++;
        }

        private final class Factory implements HttpFilterFactory<Any> {
            private int positions;

            @Override
            public Set<String> typeUrls() {
                return Set.of();
            }

            @Override
            public Class<Any> configType() {
                return Any.class;
            }

            @Override
            public Any parse(RawFilterConfig raw) {
                throw new IllegalArgumentException(raw.typeUrl());
            }

            @Override
            public HttpFilter create(Levels<Any> config) {
                return new Filter(positions++);
            }
        }

        private final class Filter implements HttpFilter {
            private final int position;

            Filter(int position) {
                this.position = position;
            }

            @Override
            public FilterStep onRequest(FilterStream stream) {
                requests.add(position);
                return anyStep();
            }

            @Override
            public FilterStep onResponse(FilterStream stream, ResponseHead head) {
                responses.add(position);
                return anyStep();
            }

            @Override
            public void onEnd(FilterStream stream) {
                ends.add(position);
            }
        }
    }
}
