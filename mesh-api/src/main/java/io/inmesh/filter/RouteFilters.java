package io.inmesh.filter;

import io.inmesh.model.FilterOverride;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.routing.CompiledRoutes;
import java.util.List;
import java.util.Map;

/** The filters of one route, and of each of its weighted clusters. Immutable. */
public final class RouteFilters {
    private final FilterPlan ofRoute;
    private final FilterPlan[] ofWeights;

    private RouteFilters(FilterPlan ofRoute, FilterPlan[] ofWeights) {
        this.ofRoute = ofRoute;
        this.ofWeights = ofWeights;
    }

    /** The filters of each route of a table, by its {@linkplain CompiledRoute#ordinal() number}. Asks the chain for plans, so it belongs to the configuration thread. */
    public static RouteFilters[] ofAll(FilterChain chain, CompiledRoutes routes) {
        RouteFilters[] all = new RouteFilters[routes.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = of(chain, routes.route(i));
        }
        return all;
    }

    private static RouteFilters of(FilterChain chain, CompiledRoute route) {
        Map<String, FilterOverride> table = route.table().rules().filters();
        Map<String, FilterOverride> virtualHost = route.virtualHost().rules().filters();
        Map<String, FilterOverride> own = route.route().rules().filters();
        FilterPlan ofRoute = chain.plan(List.of(table, virtualHost, own));
        Forward forward = route.forward();
        List<ClusterWeight> weights = forward != null && forward.cluster() instanceof ClusterChoice.Weighted weighted
                ? weighted.clusters()
                : List.of();
        FilterPlan[] ofWeights = new FilterPlan[weights.size()];
        for (int i = 0; i < ofWeights.length; i++) {
            Map<String, FilterOverride> ofCluster = weights.get(i).rules().filters();
            ofWeights[i] = ofCluster.isEmpty() ? ofRoute : chain.plan(List.of(table, virtualHost, own, ofCluster));
        }
        return new RouteFilters(ofRoute, ofWeights);
    }

    /** For a route that does not forward. */
    public FilterPlan ofRoute() {
        return ofRoute;
    }

    /** For a route that forwards, and the cluster that was chosen. */
    public FilterPlan of(ClusterTarget target) {
        return target.weightIndex() < 0 ? ofRoute : ofWeights[target.weightIndex()];
    }
}
