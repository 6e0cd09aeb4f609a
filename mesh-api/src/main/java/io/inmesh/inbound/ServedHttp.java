package io.inmesh.inbound;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterChain;
import io.inmesh.filter.RouteFilters;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The HTTP connection manager of a chain with everything resolved that a request would otherwise look up. Immutable. */
final class ServedHttp {
    private final HttpConnectionManager http;
    private final @Nullable CompiledRoutes routes;
    private final FilterChain filters;
    private final RouteFilters[] routeFilters;
    private final RequestEntry entry;
    private final boolean envoyHeaders;
    private final long streamIdleNanos;
    private final long requestNanos;
    private final long streamNanos;

    /** @param routes null while its table is not there */
    ServedHttp(
            HttpConnectionManager http, @Nullable CompiledRoutes routes, FilterChain filters, RandomGenerator random) {
        this.entry = new RequestEntry(http, random);
        this.http = http;
        this.routes = routes;
        this.filters = filters;
        this.routeFilters = routes == null ? new RouteFilters[0] : RouteFilters.ofAll(filters, routes);
        this.envoyHeaders = http.filters().stream()
                .noneMatch(filter ->
                        filter.config() instanceof FilterConfig.Router router && router.suppressEnvoyHeaders());
        this.streamIdleNanos = nanos(http.streamIdleTimeout());
        this.requestNanos = nanos(http.requestTimeout());
        this.streamNanos = nanos(http.client().maxStreamDuration());
    }

    /** Zero for none. */
    static long nanos(@Nullable Duration duration) {
        return duration == null ? 0 : TimeUnit.NANOSECONDS.convert(duration);
    }

    HttpConnectionManager http() {
        return http;
    }

    @Nullable
    CompiledRoutes routes() {
        return routes;
    }

    FilterChain filters() {
        return filters;
    }

    /** Whether the router adds its {@code x-envoy-} headers. */
    boolean envoyHeaders() {
        return envoyHeaders;
    }

    /** {@code stream_idle_timeout}; zero for none. */
    long streamIdleNanos() {
        return streamIdleNanos;
    }

    /** {@code request_timeout}; zero for none. */
    long requestNanos() {
        return requestNanos;
    }

    /** {@code max_stream_duration}; zero for none. */
    long streamNanos() {
        return streamNanos;
    }

    /** What happens before the route and behind the filters. */
    RequestEntry entry() {
        return entry;
    }

    /** For a request of which no route is known. */
    InboundRoute noRoute() {
        return new InboundRoute(null, null, filters.base());
    }

    /** @param chance one random number for the request, whatever is chosen by it */
    InboundRoute choose(RequestHead head, StreamInfo info, long chance) {
        CompiledRoute route = routes == null ? null : routes.select(head, info, chance);
        if (route == null) {
            return noRoute();
        }
        RouteFilters plans = routeFilters[route.ordinal()];
        if (route.forward() == null) {
            return new InboundRoute(route, null, plans.ofRoute());
        }
        ClusterTarget target = route.chooseCluster(head, chance);
        return new InboundRoute(route, target, plans.of(target));
    }
}
