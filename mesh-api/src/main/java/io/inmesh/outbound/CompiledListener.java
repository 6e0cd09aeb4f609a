package io.inmesh.outbound;

import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.exchange.IpAddress;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.filter.FilterChain;
import io.inmesh.filter.RouteFilters;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.Listener;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A listener with everything resolved that a request would otherwise look up: its routes, the filters of each route, the clusters behind their names.
 * Immutable.
 */
final class CompiledListener {
    private final Listener listener;
    private final HttpConnectionManager http;
    private final @Nullable CompiledRoutes routes;
    private final @Nullable String routesAbsence;
    private final FilterChain filters;
    private final RouteFilters[] routeFilters;
    private final UpstreamCluster[] clusters;
    private final UpstreamClusters allClusters;
    private final Interests.@Nullable Wish wish;
    private final boolean envoyHeaders;
    private final boolean forAllAddresses;
    private final long streamIdleNanos;
    private final long requestNanos;

    CompiledListener(
            Listener listener,
            HttpConnectionManager http,
            @Nullable CompiledRoutes routes,
            @Nullable String routesAbsence,
            FilterChain filters,
            UpstreamClusters allClusters,
            Interests.@Nullable Wish wish) {
        this.listener = listener;
        this.http = http;
        this.routes = routes;
        this.routesAbsence = routesAbsence;
        this.filters = filters;
        this.allClusters = allClusters;
        this.wish = wish;
        this.routeFilters = routes == null ? new RouteFilters[0] : RouteFilters.ofAll(filters, routes);
        this.clusters = routes == null
                ? new UpstreamCluster[0]
                : routes.clusterNames().stream().map(allClusters::get).toArray(UpstreamCluster[]::new);
        this.envoyHeaders = http.filters().stream()
                .noneMatch(filter ->
                        filter.config() instanceof FilterConfig.Router router && router.suppressEnvoyHeaders());
        IpAddress bound = listener.address() == null ? null : IpAddress.parse(listener.address());
        this.forAllAddresses = bound != null && bound.high() == 0 && bound.low() == 0;
        this.streamIdleNanos = nanos(http.streamIdleTimeout());
        this.requestNanos = nanos(http.requestTimeout());
    }

    /** Zero for none. */
    static long nanos(@Nullable Duration duration) {
        return duration == null ? 0 : TimeUnit.NANOSECONDS.convert(duration);
    }

    @SuppressWarnings("ReferenceEquality") // identity means that nothing has changed
    boolean isOf(Listener other, @Nullable CompiledRoutes otherRoutes, Interests.@Nullable Wish otherWish) {
        return listener == other && routes == otherRoutes && wish == otherWish;
    }

    /** A call takes this listener: whoever wished for it still needs it. */
    void noteUse() {
        if (wish != null) {
            wish.noteUse();
        }
    }

    String name() {
        return listener.name();
    }

    /** Whether it takes connections to any address of its port. */
    boolean isForAllAddresses() {
        return forAllAddresses;
    }

    HttpConnectionManager http() {
        return http;
    }

    /** Null while its table is not there. */
    @Nullable
    CompiledRoutes routes() {
        return routes;
    }

    FilterChain filters() {
        return filters;
    }

    /** The domain of a virtual host that an authority belongs to, or null if there is none. */
    @Nullable
    String domain(String authority) {
        return routes == null ? null : routes.domainOf(authority);
    }

    /** Why there are no routes at all, or null. */
    @Nullable
    String routesAbsence() {
        return routesAbsence;
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

    /**
     * Chooses route and cluster for a request.
     *
     * @param chance one random number for the request, whatever is chosen by it
     */
    RouteChoice choose(RequestHead head, StreamInfo info, long chance) {
        CompiledRoute route = routes == null ? null : routes.select(head, info, chance);
        if (route == null) {
            return new RouteChoice(this, head.authority(), null, null, null, filters.base());
        }
        RouteFilters plans = routeFilters[route.ordinal()];
        if (route.forward() == null) {
            return new RouteChoice(this, head.authority(), route, null, null, plans.ofRoute());
        }
        ClusterTarget target = route.chooseCluster(head, chance);
        return new RouteChoice(this, head.authority(), route, target, cluster(target), plans.of(target));
    }

    private @Nullable UpstreamCluster cluster(ClusterTarget target) {
        return target.index() >= 0 ? clusters[target.index()] : allClusters.find(target.name());
    }
}
