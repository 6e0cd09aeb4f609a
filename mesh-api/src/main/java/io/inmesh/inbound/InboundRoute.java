package io.inmesh.inbound;

import io.inmesh.filter.FilterPlan;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import org.jspecify.annotations.Nullable;

/**
 * What the routes of a chain have chosen for one request.
 *
 * @param route   null if none matched
 * @param target  the route's cluster, by name: here it is the application, whatever it is called; null if the route leads to none
 * @param filters what the request passes through
 */
record InboundRoute(@Nullable CompiledRoute route, @Nullable ClusterTarget target, FilterPlan filters) {

    @Nullable
    Forward forward() {
        return route == null ? null : route.forward();
    }
}
