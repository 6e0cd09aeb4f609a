package io.inmesh.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HeaderEdit;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.HeaderMutationFilter;
import io.inmesh.model.HttpFilterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FilterChainTest {
    private static final Map<String, FilterOverride> TABLE = Map.of("a", override("a-table"));
    private static final Map<String, FilterOverride> HOST = Map.of("a", override("a-vhost"));

    /**
     * The chain with which Envoy 1.40 was asked: a header mutation "a", another "b" that is off, a filter that may answer, and again "a", whose edits run the
     * most specific one last. Each edit adds its own name to x-trace.
     */
    private static final List<HttpFilterConfig> FILTERS = List.of(
            new HttpFilterConfig("a", edits("a1", false), false),
            new HttpFilterConfig("b", edits("b", false), true),
            new HttpFilterConfig("fault", Scripted.passing("fault", new ArrayList<>()), false),
            new HttpFilterConfig("a", edits("a2", true), false),
            new HttpFilterConfig("router", new FilterConfig.Router(), false));

    /** What Envoy wrote into x-trace of the request, and of the response. */
    static Stream<Arguments> recorded() {
        FilterOverride off = new FilterOverride(null, true);
        return Stream.of(
                row(
                        "no more than table and host",
                        List.of(TABLE, HOST),
                        "a1 a-vhost a-table a2 a-table a-vhost",
                        "a2 a-table a-vhost a1 a-vhost a-table"),
                row(
                        "all four levels",
                        List.of(TABLE, HOST, Map.of("a", override("a-route")), Map.of("a", override("a-wc"))),
                        "a1 a-wc a-route a-vhost a-table a2 a-table a-vhost a-route a-wc",
                        "a2 a-table a-vhost a-route a-wc a1 a-wc a-route a-vhost a-table"),
                row("switched off by the route", List.of(TABLE, HOST, Map.of("a", off)), "", ""),
                row(
                        "switched on by a configuration of the route",
                        List.of(TABLE, HOST, Map.of("b", override("b-route"))),
                        "a1 a-vhost a-table b b-route a2 a-table a-vhost",
                        "a2 a-table a-vhost b b-route a1 a-vhost a-table"),
                row(
                        "switched on by a FilterConfig of the route",
                        List.of(TABLE, HOST, Map.of("b", new FilterOverride(null, false))),
                        "a1 a-vhost a-table b a2 a-table a-vhost",
                        "a2 a-table a-vhost b a1 a-vhost a-table"),
                row(
                        "off by the route, on again by the weighted cluster",
                        List.of(TABLE, HOST, Map.of("a", off), Map.of("a", override("a-wc"))),
                        "a1 a-wc a-vhost a-table a2 a-table a-vhost a-wc",
                        "a2 a-table a-vhost a-wc a1 a-wc a-vhost a-table"),
                row(
                        "off by the weighted cluster",
                        List.of(TABLE, HOST, Map.of("a", override("a-route")), Map.of("a", off)),
                        "",
                        ""),
                row("no route", List.of(), "a1 a2", "a2 a1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recorded")
    void plan_levels_areMergedAsByEnvoy(
            String name, List<Map<String, FilterOverride>> levels, String request, String response) {
        Recording recording = new Recording(chain().plan(levels));
        recording.run.start();
        recording.tasks.runAll();
        recording.run.respond(new ResponseHead(200, new Headers()));
        assertThat(recording.trace()).isEqualTo(request);
        assertThat(recording.responseTrace()).isEqualTo(response);
    }

    @Test
    void plan_answerInTheMiddle_passesAlsoTheFiltersThatNeverSawTheRequest() {
        // Recorded with Envoy's fault filter: the response has the trace of the second "a", too.
        FilterOverride abort = new FilterOverride(
                Scripted.passing("fault", new ArrayList<>())
                        .onRequest(stream -> FilterStep.reply(LocalReply.of(418, "", null, "fault_filter_abort"))),
                null);
        Recording recording = new Recording(chain().plan(List.of(TABLE, HOST, Map.of("fault", abort))));
        recording.run.start();
        assertThat(recording.trace()).isEqualTo("a1 a-vhost a-table");
        assertThat(recording.responseTrace()).isEqualTo("a2 a-table a-vhost a1 a-vhost a-table");
    }

    @Test
    void plan_nothingSaidOfAnyFilter_isTheBase() {
        FilterChain chain = chain();
        assertThat(chain.plan(List.of(Map.of("other", override("x")), Map.of())))
                .isSameAs(chain.base());
    }

    @Test
    void plan_routerOnlyOrAllOff_isEmpty() {
        HttpFilterConfig router = new HttpFilterConfig("router", new FilterConfig.Router(), false);
        assertThat(FilterChain.compile(List.of(router), FilterFactories.builtIn())
                        .base()
                        .isEmpty())
                .isTrue();
        FilterChain oneOff = FilterChain.compile(
                List.of(new HttpFilterConfig("b", edits("b", false), true), router), FilterFactories.builtIn());
        assertThat(oneOff.base().isEmpty()).isTrue();
        assertThat(oneOff.plan(List.of(Map.of("b", override("x")))).isEmpty()).isFalse();
    }

    @Test
    void compile_behindTheRouter_isNeverReached() {
        FilterChain chain = FilterChain.compile(
                List.of(
                        new HttpFilterConfig("router", new FilterConfig.Router(), false),
                        new HttpFilterConfig("a", edits("a", false), false)),
                FilterFactories.builtIn());
        assertThat(chain.base().isEmpty()).isTrue();
    }

    @Test
    void plan_overrideOfAnotherKindOfFilter_isPassedOver() {
        FilterOverride strange = new FilterOverride(Scripted.passing("x", new ArrayList<>()), null);
        Recording recording = new Recording(chain().plan(List.of(Map.of("a", strange))));
        recording.run.start();
        assertThat(recording.trace()).isEqualTo("a1 a2");
    }

    @Test
    void plan_sameConfiguration_sharesItsFilter() {
        Scripted.Factory factory = new Scripted.Factory(new ArrayList<>());
        FilterChain chain =
                FilterChain.compile(FILTERS, FilterFactories.builtIn().with(factory, Runnable::run));
        Map<String, FilterOverride> host = Map.of("fault", new FilterOverride(Scripted.passing("h", List.of()), null));
        FilterPlan one = chain.plan(List.of(TABLE, host));
        FilterPlan other = chain.plan(List.of(TABLE, host, Map.of("a", override("route"))));
        assertThat(one.filter(2))
                .isSameAs(other.filter(2))
                .isNotSameAs(chain.base().filter(2));
        // An equal configuration elsewhere is another one: what it counts, it counts for itself.
        Map<String, FilterOverride> equal = Map.of("fault", new FilterOverride(Scripted.passing("h", List.of()), null));
        assertThat(chain.plan(List.of(TABLE, equal)).filter(2)).isNotSameAs(one.filter(2));
        assertThat(factory.created).isEqualTo(3);
    }

    @Test
    void dropUnused_forgetsWhatNoPlanAskedForAndKeepsTheRest() {
        Scripted.Factory factory = new Scripted.Factory(new ArrayList<>());
        FilterChain chain =
                FilterChain.compile(FILTERS, FilterFactories.builtIn().with(factory, Runnable::run));
        Map<String, FilterOverride> host = Map.of("fault", new FilterOverride(Scripted.passing("h", List.of()), null));
        HttpFilter filter = chain.plan(List.of(host)).filter(2);
        chain.dropUnused();
        assertThat(chain.plan(List.of(host)).filter(2)).isSameAs(filter);
        chain.dropUnused();
        assertThat(chain.plan(List.of(TABLE)).filter(2)).isSameAs(chain.base().filter(2));
        chain.dropUnused();
        assertThat(chain.plan(List.of(host)).filter(2)).isNotSameAs(filter);
        assertThat(chain.plan(List.of(TABLE)).filter(2)).isSameAs(chain.base().filter(2));
    }

    private static Arguments row(
            String name, List<Map<String, FilterOverride>> levels, String request, String response) {
        return Arguments.of(name, levels, request, response);
    }

    private static FilterChain chain() {
        return FilterChain.compile(
                FILTERS, FilterFactories.builtIn().with(new Scripted.Factory(new ArrayList<>()), Runnable::run));
    }

    private static FilterOverride override(String tag) {
        return new FilterOverride(edits(tag, false), null);
    }

    private static HeaderMutationFilter edits(String tag, boolean mostSpecificWins) {
        List<HeaderEdit> trace = List.of(new HeaderEdit.Put(
                "x-trace", HeaderFormat.literal(tag), HeaderEdit.AppendAction.APPEND_IF_EXISTS_OR_ADD, false));
        return new HeaderMutationFilter(trace, List.of(), trace, List.of(), List.of(), mostSpecificWins);
    }

    /** One stream whose loop runs whenever it has something to do. */
    private static final class Recording implements FilterRun.Owner {
        private final Tasks tasks = new Tasks();
        private final RequestHead request = new RequestHead("GET", "http", "a", "/", new Headers());
        private final FilterRun run;
        private @Nullable ResponseHead response;

        Recording(FilterPlan plan) {
            run = new FilterRun(tasks, plan, request, true, new StreamInfo(), this);
        }

        String trace() {
            tasks.runAll();
            return String.join(" ", request.headers().all("x-trace"));
        }

        String responseTrace() {
            tasks.runAll();
            return response == null
                    ? "none"
                    : String.join(" ", response.headers().all("x-trace"));
        }

        @Override
        public FilterPlan selectRoute() {
            throw new AssertionError("nothing cleared the route");
        }

        @Override
        public void onRequest() {}

        @Override
        public void onResponse(ResponseHead head, @Nullable LocalReply reply) {
            response = head;
        }
    }
}
