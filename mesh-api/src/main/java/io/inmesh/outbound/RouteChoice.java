package io.inmesh.outbound;

import io.inmesh.Explanation;
import io.inmesh.Explanation.Verdict;
import io.inmesh.balancing.Host;
import io.inmesh.balancing.PickTrace;
import io.inmesh.balancing.UpstreamCluster;
import io.inmesh.filter.FilterPlan;
import io.inmesh.routing.ClusterTarget;
import io.inmesh.routing.CompiledRoute;
import io.inmesh.snapshot.Dialect.Destination;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration has chosen for one request.
 *
 * @param listener where it came in
 * @param authority of the request when it was chosen
 * @param route    null if none matched
 * @param target   the route's cluster, by name; null if the route does not forward
 * @param cluster  the cluster; null if a header named one that there is not
 * @param filters  what the request passes through
 */
record RouteChoice(
        CompiledListener listener,
        String authority,
        @Nullable CompiledRoute route,
        @Nullable ClusterTarget target,
        @Nullable UpstreamCluster cluster,
        FilterPlan filters) {

    /** Whether the request can go to a host, as far as configuration is concerned. */
    boolean forwards() {
        return cluster != null && cluster.status() == UpstreamCluster.Status.READY;
    }

    /** Whether the routes are there and none of their virtual hosts has the request's authority. */
    boolean isUnknownHost() {
        return route == null && listener.routesAbsence() == null && listener.domain(authority) == null;
    }

    Explanation explain(
            Destination destination, Verdict verdict, String reason, @Nullable Host host, @Nullable PickTrace choice) {
        return new Explanation(
                destination,
                verdict,
                reason,
                listener.name(),
                listener.http().routeTable(),
                route == null ? null : route.virtualHost().name(),
                listener.domain(authority),
                route == null ? null : route.describe(),
                target == null ? null : target.name(),
                host,
                choice);
    }
}
