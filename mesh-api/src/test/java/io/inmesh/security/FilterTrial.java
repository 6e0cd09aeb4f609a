package io.inmesh.security;

import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterChain;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.FilterPlan;
import io.inmesh.filter.FilterRun;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.FilterOverride;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.JwtFilterConfig;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** One request through a real chain with one JWT filter in it, on a loop that runs by hand. */
final class FilterTrial implements FilterRun.Owner, CallLoop {
    final StreamInfo info = new StreamInfo();
    final RequestHead head;
    boolean passed;
    int routesSelected;

    @Nullable
    LocalReply reply;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final FilterPlan plan;

    private FilterTrial(FilterPlan plan, RequestHead head) {
        this.plan = plan;
        this.head = head;
    }

    /** A chain and what a route says of its filter, as the engine compiles them. */
    static FilterPlan plan(JwtFilterFactory factory, FilterConfig config, FilterConfig... ofRoute) {
        FilterChain chain = FilterChain.compile(
                List.of(
                        new HttpFilterConfig("jwt", config, false),
                        new HttpFilterConfig("router", new FilterConfig.Router(), false)),
                FilterFactories.builtIn().and(factory));
        return ofRoute.length == 0
                ? chain.base()
                : chain.plan(List.of(Map.of("jwt", new FilterOverride(ofRoute[0], null))));
    }

    static FilterTrial start(JwtFilterFactory factory, JwtFilterConfig config, String path, String... headers) {
        return start(plan(factory, config), path, headers);
    }

    static FilterTrial start(FilterPlan plan, String path, String... headers) {
        return start(plan, new RequestHead("GET", "http", "shop.example", path, Headers.of(headers)));
    }

    static FilterTrial start(FilterPlan plan, RequestHead head) {
        return of(plan, head).begin();
    }

    /** One that has not begun. */
    static FilterTrial of(FilterPlan plan, RequestHead head) {
        return new FilterTrial(plan, head);
    }

    FilterTrial begin() {
        new FilterRun(this, plan, head, true, info, this).start();
        runTasks();
        return this;
    }

    void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** What became of the request, in one line. */
    String outcome() {
        if (passed) {
            return "passed";
        }
        return reply == null ? "waits" : reply.status() + " " + reply.body();
    }

    @Override
    public FilterPlan selectRoute() {
        routesSelected++;
        return plan;
    }

    @Override
    public void onRequest() {
        passed = true;
    }

    @Override
    public void onResponse(ResponseHead response, @Nullable LocalReply own) {
        reply = own;
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
        throw new AssertionError("no filter here waits for a time");
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }
}
