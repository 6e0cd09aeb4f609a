package io.inmesh.xds.envoy;

import com.google.gson.JsonObject;
import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.exchange.CallLoop;
import io.inmesh.exchange.LocalReply;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.ResponseHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterChain;
import io.inmesh.filter.FilterFactories;
import io.inmesh.filter.FilterPlan;
import io.inmesh.filter.FilterRun;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.security.JwksFetcher;
import io.inmesh.security.JwtFilterFactory;
import io.inmesh.security.SecurityFilters;
import io.inmesh.xds.decode.Decoded;
import io.inmesh.xds.decode.DecodedListener;
import io.inmesh.xds.decode.ResourceDecoder;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** Asks the engine: the decoder, the routes and the chain, as a call through the mesh uses them. */
final class JwtEngineSide {
    private final CompiledRoutes routes;
    private final FilterChain chain;

    JwtEngineSide(Listener listener) {
        Decoded<DecodedListener> decoded = ResourceDecoder.listener(listener.getName(), Any.pack(listener));
        if (!(decoded instanceof Decoded.Accepted<DecodedListener> accepted)) {
            throw new AssertionError("Envoy accepts what the decoder does not: " + decoded + "\n" + listener);
        }
        List<String> unsupported = accepted.unsupported().stream()
                .filter(path -> path.contains("filters[0].typed_config.http_filters") || path.contains("per_filter"))
                .toList();
        if (!unsupported.isEmpty()) {
            throw new AssertionError("not supported: " + unsupported + "\n" + listener);
        }
        HttpConnectionManager http =
                Objects.requireNonNull(accepted.value().listener().http());
        routes = CompiledRoutes.of(Objects.requireNonNull(accepted.value().routes()));
        // Nothing is fetched, so that the scheduler never runs anything.
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        chain = FilterChain.compile(
                http.filters(),
                SecurityFilters.addTo(
                        FilterFactories.builtIn(),
                        new JwtFilterFactory(JwksFetcher.NONE, source -> false, scheduler, InstantSource.system())));
    }

    JwtOutcome ask(RequestHead original) {
        RequestHead head = original.copy();
        StreamInfo info = new StreamInfo();
        CompiledRoute route = Objects.requireNonNull(routes.select(head, info, 0));
        FilterPlan plan = chain.plan(List.of(
                route.table().rules().filters(),
                route.virtualHost().rules().filters(),
                route.route().rules().filters()));
        Stream stream = new Stream(plan);
        new FilterRun(stream, plan, head, true, info, stream).start();
        LocalReply reply = stream.reply;
        List<String> lines = new ArrayList<>();
        List<String> authorizations = head.headers().all("authorization");
        if (authorizations.size() > 1) {
            // Envoy writes several as one, whether or not there is a filter.
            head.headers().set("authorization", String.join(",", authorizations));
        }
        for (int i = 0; i < head.headers().size(); i++) {
            lines.add(head.headers().name(i) + ": "
                    + JwtOutcome.onTheWire(head.headers().value(i)));
        }
        var metadata = info.dynamicMetadata("envoy.filters.http.jwt_authn");
        return new JwtOutcome(
                reply == null ? 200 : reply.status(),
                reply == null ? "" : reply.body(),
                reply == null ? "" : Objects.requireNonNullElse(reply.headers().get("www-authenticate"), ""),
                reply == null ? "via_upstream" : reply.details(),
                reply == null ? head.path() : "",
                reply == null ? sorted(lines) : List.of(),
                metadata == null ? new JsonObject() : JwtOutcome.json(metadata));
    }

    /** By name; those of one name keep their order. */
    static List<String> sorted(List<String> lines) {
        List<String> sorted = new ArrayList<>(lines);
        sorted.sort(Comparator.comparing(line -> line.substring(0, line.indexOf(':'))));
        return List.copyOf(sorted);
    }

    /** A stream on the test's own thread. */
    private static final class Stream implements FilterRun.Owner, CallLoop {
        private final FilterPlan plan;
        private @Nullable LocalReply reply;

        Stream(FilterPlan plan) {
            this.plan = plan;
        }

        @Override
        public FilterPlan selectRoute() {
            return plan;
        }

        @Override
        public void onRequest() {}

        @Override
        public void onResponse(ResponseHead head, @Nullable LocalReply own) {
            reply = own;
        }

        @Override
        public boolean inLoop() {
            return true;
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public Timer schedule(Runnable task, long delayNanos) {
            throw new AssertionError("nothing waits here");
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }
    }
}
