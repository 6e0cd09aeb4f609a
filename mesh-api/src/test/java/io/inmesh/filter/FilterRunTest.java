package io.inmesh.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseFlag;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.Tasks.Place;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.RawFilterConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FilterRunTest {
    private static final LocalReply TEAPOT = LocalReply.of(418, "no coffee", ResponseFlag.FAULT_INJECTED, "teapot");

    private final List<String> log = new ArrayList<>();
    private final Tasks tasks = new Tasks();
    private final RequestHead request = new RequestHead("GET", "http", "orders", "/", new Headers());
    private final StreamInfo info = new StreamInfo();
    private final List<ResponseHead> responses = new ArrayList<>();
    private final Scripted.Factory factory = new Scripted.Factory(log);
    private @Nullable LocalReply answered;
    private @Nullable FilterPlan nextPlan;

    /** Filters that run on the loop. */
    private final FilterFactories onLoop = FilterFactories.builtIn().with(factory, Runnable::run);

    /** Filters that run on an executor of the application. */
    private final FilterFactories offLoop = FilterFactories.builtIn().with(factory, tasks::executor);

    @Test
    void start_threeFilters_seeTheRequestInOrderAndTheResponseInReverse() {
        FilterRun run =
                run(chain(offLoop, passing("a"), passing("b"), passing("c")).base());
        run.start();
        tasks.runAll();
        run.respond(new ResponseHead(200, new Headers()));
        tasks.runAll();
        run.end();
        tasks.runAll();
        assertThat(log)
                .containsExactly(
                        "a request",
                        "b request",
                        "c request",
                        "routed",
                        "c response 200",
                        "b response 200",
                        "a response 200",
                        "answered 200",
                        "a end",
                        "b end",
                        "c end");
    }

    @Test
    void start_filterOfTheApplication_runsOnItsExecutorAndTheOwnerOnTheLoop() {
        List<Place> places = new ArrayList<>();
        FilterRun run = run(chain(offLoop, passing("a").onRequest(stream -> {
                    places.add(tasks.place());
                    stream.request().headers().add("x-seen", "1");
                    return FilterStep.CONTINUE;
                }))
                .base());
        run.start();
        assertThat(log).isEmpty();
        tasks.runAll();
        assertThat(places).containsExactly(Place.EXECUTOR);
        assertThat(log).containsExactly("a request", "routed");
        assertThat(request.headers().get("x-seen")).isEqualTo("1");
    }

    @Test
    void start_suspendedFilter_goesOnWhenItIsResumedFromOutside() {
        Suspension suspension = new Suspension();
        FilterRun run = run(chain(onLoop, passing("a").onRequest(stream -> suspension), passing("b"))
                .base());
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("a request");
        tasks.outside(suspension::resume);
        tasks.runAll();
        assertThat(log).containsExactly("a request", "b request", "routed");
    }

    @Test
    void start_resumedBeforeTheFilterReturned_goesOn() {
        FilterRun run = run(chain(onLoop, passing("a").onRequest(stream -> {
                    Suspension suspension = new Suspension();
                    suspension.resume();
                    suspension.reply(TEAPOT);
                    return suspension;
                }))
                .base());
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "routed");
    }

    @Test
    void start_replyFromASuspension_isTheAnswer() {
        Suspension suspension = new Suspension();
        FilterRun run = run(chain(onLoop, passing("a"), passing("b").onRequest(stream -> suspension))
                .base());
        run.start();
        tasks.runAll();
        suspension.reply(TEAPOT);
        suspension.resume();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "b request", "b response 418", "a response 418", "answered 418");
        assertThat(answered).isEqualTo(TEAPOT);
        assertThat(info.flags()).containsExactly(ResponseFlag.FAULT_INJECTED);
        assertThat(info.responseCodeDetails()).isEqualTo("teapot");
    }

    @Test
    void end_whileSuspended_leavesTheLateAnswerUnheard() {
        Suspension suspension = new Suspension();
        FilterRun run = run(chain(onLoop, passing("a").onRequest(stream -> suspension), passing("b"))
                .base());
        run.start();
        run.end();
        suspension.resume();
        run.end();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "a end");
    }

    @Test
    void end_whileAFilterIsAtWork_waitsForIt() {
        FilterRun run = run(chain(offLoop, passing("a"), passing("b")).base());
        run.start();
        run.end();
        tasks.runLoop();
        assertThat(log).isEmpty();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "a end");
    }

    @Test
    void reply_ofTheOwnerWhileAFilterIsAtWork_comesAfterIt() {
        FilterRun run = run(chain(offLoop, passing("a"), passing("b")).base());
        run.start();
        run.reply(TEAPOT);
        tasks.runAll();
        assertThat(log).containsExactly("a request", "b response 418", "a response 418", "answered 418");
    }

    @Test
    void reply_whileTheResponseIsWithAFilter_isOfNoEffect() {
        FilterRun run = run(chain(offLoop, passing("a")).base());
        run.start();
        tasks.runAll();
        run.respond(new ResponseHead(200, new Headers()));
        run.reply(TEAPOT);
        tasks.runAll();
        assertThat(log).containsExactly("a request", "routed", "a response 200", "answered 200");
    }

    @Test
    void end_rightAfterAReply_leavesTheRestOfTheResponseOut() {
        FilterRun run = run(chain(offLoop, passing("a"), passing("b")).base());
        run.start();
        run.reply(TEAPOT);
        run.end();
        run.end();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "b response 418", "a end", "b end");
    }

    @Test
    void reply_ofTheOwner_passesAllFiltersOnTheirResponseSide() {
        FilterRun run = run(chain(onLoop, passing("a").onResponse((stream, head) -> {
                    head.headers().set("x-a", "1");
                    return FilterStep.CONTINUE;
                }))
                .base());
        run.start();
        tasks.runAll();
        run.reply(LocalReply.of(503, "no healthy upstream", ResponseFlag.NO_HEALTHY_UPSTREAM, "no_healthy_upstream"));
        tasks.runAll();
        assertThat(responses).singleElement().satisfies(head -> assertThat(head.toString())
                .isEqualTo("503 {content-length: 19, content-type: text/plain, x-a: 1}"));
        assertThat(info.flags()).containsExactly(ResponseFlag.NO_HEALTHY_UPSTREAM);
    }

    @Test
    void reply_toAGrpcRequest_isAStatusOfGrpc() {
        request.headers().add("content-type", "application/grpc+proto");
        FilterRun run = run(chain(onLoop, passing("a").onRequest(stream -> FilterStep.reply(TEAPOT)))
                .base());
        run.start();
        tasks.runAll();
        assertThat(responses).singleElement().satisfies(head -> assertThat(head.toString())
                .isEqualTo("200 {content-type: application/grpc, grpc-status: 2, grpc-message: no coffee}"));
        assertThat(answered).isNotNull().satisfies(reply -> assertThat(reply.body())
                .isEmpty());
    }

    @Test
    void onResponse_reply_takesThePlaceOfTheResponseAndPassesNoFurtherFilter() {
        FilterRun run = run(chain(
                        onLoop,
                        passing("a"),
                        passing("b").onResponse((stream, head) -> FilterStep.reply(TEAPOT)),
                        passing("c"))
                .base());
        run.start();
        tasks.runAll();
        run.respond(new ResponseHead(200, new Headers()));
        tasks.runAll();
        assertThat(log)
                .containsExactly(
                        "a request",
                        "b request",
                        "c request",
                        "routed",
                        "c response 200",
                        "b response 200",
                        "answered 418");
        assertThat(answered).isEqualTo(TEAPOT);
    }

    @Test
    void start_filterThatThrows_ends500AndLetsNothingThrough() {
        FilterRun run = run(chain(onLoop, passing("a").onRequest(stream -> {
                    throw new IllegalStateException("deliberate");
                }))
                .base());
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "a response 500", "answered 500");
        assertThat(info.responseCodeDetails()).isEqualTo("filter_failed");
    }

    @Test
    void start_executorThatTakesNoWork_ends500AndLetsNothingThrough() {
        FilterFactories closed = FilterFactories.builtIn().with(factory, task -> {
            throw new RejectedExecutionException("deliberate");
        });
        FilterRun run = run(chain(closed, passing("a")).base());
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("answered 500");
    }

    @Test
    void start_filterThatNobodyKnows_refusesWithEnvoysAnswer() {
        FilterRun run = run(chain(
                        onLoop,
                        passing("a"),
                        new FilterConfig.Refused("type.googleapis.com/acme.Guard", "unknown"),
                        passing("b"))
                .base());
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "b response 500", "a response 500", "answered 500");
        assertThat(answered).isNotNull().satisfies(reply -> assertThat(reply.body())
                .isEmpty());
        assertThat(info.flags()).containsExactly(ResponseFlag.NO_FILTER_CONFIG_FOUND);
        assertThat(info.responseCodeDetails()).isEqualTo("filter_config_not_found");
    }

    @Test
    void start_rawConfigurationOfARegisteredType_isParsedByItsFactory() {
        FilterRun run = run(chain(onLoop, raw(Map.of("tag", "raw"))).base());
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("raw request", "routed");
    }

    @Test
    void start_rawConfigurationThatItsFactoryRefuses_refusesRequests() {
        FilterRun run = run(chain(onLoop, raw(Map.of())).base());
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("answered 500");
        assertThat(info.flags()).containsExactly(ResponseFlag.NO_FILTER_CONFIG_FOUND);
    }

    @Test
    void start_rawOverrideThatItsFactoryRefuses_refusesRequestsOfThatRouteOnly() {
        FilterChain chain = chain(onLoop, passing("a"));
        FilterOverride bad = new FilterOverride(raw(Map.of()), null);
        FilterRun run = run(chain.plan(List.of(Map.of("f0", bad))));
        run.start();
        tasks.runAll();
        assertThat(log).containsExactly("answered 500");

        log.clear();
        run(chain.plan(List.of(Map.of("other", bad)))).start();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "routed");
    }

    @Test
    void start_rawConfigurationOfAnUnknownType_isWhatTheDecoderSaid() {
        FilterConfig harmless = new FilterConfig.Unrecognized(
                new RawFilterConfig("type.googleapis.com/acme.Other", ByteBuffer.allocate(0), null),
                new FilterConfig.Skipped("type.googleapis.com/acme.Other", "optional"));
        assertThat(chain(onLoop, harmless).base().isEmpty()).isTrue();
    }

    @Test
    void clearRouteCache_selectsAgainBeforeTheNextFilter() {
        FilterChain chain = chain(
                onLoop,
                passing("a").onRequest(stream -> {
                    stream.request().path("/other");
                    stream.clearRouteCache();
                    return FilterStep.CONTINUE;
                }),
                passing("b"));
        nextPlan = chain.plan(List.of(Map.of(
                "f0",
                new FilterOverride(passing("other-a"), null),
                "f1",
                new FilterOverride(passing("other-b"), null))));
        FilterRun run = run(chain.base());
        run.start();
        tasks.runAll();
        run.respond(new ResponseHead(200, new Headers()));
        tasks.runAll();
        // The response comes back to the filter that saw the request, not to its namesake of the other route.
        assertThat(log)
                .containsExactly(
                        "a request",
                        "selected /other",
                        "other-b request",
                        "routed",
                        "other-b response 200",
                        "a response 200",
                        "answered 200");
    }

    @Test
    void clearRouteCache_inTheLastFilter_selectsAgainBeforeTheRouter() {
        FilterChain chain = chain(onLoop, passing("a").onRequest(stream -> {
            stream.clearRouteCache();
            return FilterStep.CONTINUE;
        }));
        nextPlan = chain.base();
        run(chain.base()).start();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "selected /", "routed");
    }

    @Test
    void clearRouteCache_doesNotSwitchFilters() {
        FilterChain chain = chain(
                onLoop,
                passing("a").onRequest(stream -> {
                    stream.clearRouteCache();
                    return FilterStep.CONTINUE;
                }),
                passing("b"));
        nextPlan = chain.plan(List.of(Map.of("f1", new FilterOverride(null, true))));
        run(chain.base()).start();
        tasks.runAll();
        assertThat(log).containsExactly("a request", "selected /", "b request", "routed");
    }

    @Test
    void attachment_isKeptForEachPosition() {
        Scripted counting = passing("a")
                .onRequest(stream -> {
                    stream.attachment(log.size());
                    return FilterStep.CONTINUE;
                })
                .onResponse((stream, head) -> {
                    head.headers().add("x-attached", String.valueOf(stream.attachment()));
                    return FilterStep.CONTINUE;
                });
        FilterRun run = run(chain(offLoop, counting, counting, passing("c")).base());
        run.start();
        tasks.runAll();
        run.respond(new ResponseHead(200, new Headers()));
        tasks.runAll();
        assertThat(responses)
                .singleElement()
                .satisfies(head -> assertThat(head.headers().all("x-attached")).containsExactly("2", "1"));
    }

    private FilterConfig raw(Map<String, Object> struct) {
        return new FilterConfig.Unrecognized(
                new RawFilterConfig(Scripted.TYPE, ByteBuffer.allocate(0), struct),
                new FilterConfig.Skipped(Scripted.TYPE, "optional"));
    }

    private Scripted passing(String tag) {
        return Scripted.passing(tag, log);
    }

    private static FilterChain chain(FilterFactories factories, FilterConfig... configs) {
        List<HttpFilterConfig> filters = new ArrayList<>();
        for (FilterConfig config : configs) {
            filters.add(new HttpFilterConfig("f" + filters.size(), config, false));
        }
        filters.add(new HttpFilterConfig("router", new FilterConfig.Router(), false));
        return FilterChain.compile(filters, factories);
    }

    private FilterRun run(FilterPlan plan) {
        return new FilterRun(tasks, plan, request, true, info, new FilterRun.Owner() {
            @Override
            public FilterPlan selectRoute() {
                log.add("selected " + request.path());
                if (nextPlan == null) {
                    throw new AssertionError("nothing cleared the route");
                }
                return nextPlan;
            }

            @Override
            public void onRequest() {
                log.add("routed");
            }

            @Override
            public void onResponse(ResponseHead head, @Nullable LocalReply reply) {
                log.add("answered " + head.status());
                responses.add(head);
                answered = reply;
            }
        });
    }
}
