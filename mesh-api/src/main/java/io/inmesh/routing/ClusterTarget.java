package io.inmesh.routing;

import io.inmesh.model.RouteAction.ClusterWeight;
import org.jspecify.annotations.Nullable;

/**
 * The cluster that a route chose for a request.
 *
 * @param name        its name; empty if a request header should have named it and did not, and then there is no such cluster
 * @param index       its place in {@link CompiledRoutes#clusterNames()}, or -1 if a request header named it
 * @param weightIndex the place of its entry among weighted clusters, or -1 if the route has one cluster
 * @param weight      that entry, with rules of its own; null if the route has one cluster
 */
public record ClusterTarget(
        String name, int index, int weightIndex, @Nullable ClusterWeight weight) {}
