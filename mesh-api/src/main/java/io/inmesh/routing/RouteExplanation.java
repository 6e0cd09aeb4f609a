package io.inmesh.routing;

import io.inmesh.model.VirtualHost;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a request takes the route that it takes.
 *
 * @param virtualHost the virtual host that its authority chose, or null if none did
 * @param domain      the domain of it that matched, as it was written; null if none did
 * @param route       the route, or null if none matched
 * @param passedOver  for each route before it, or for all if none matched: its name and the condition that did not hold
 */
public record RouteExplanation(
        @Nullable VirtualHost virtualHost,
        @Nullable String domain,
        @Nullable CompiledRoute route,
        List<String> passedOver) {

    @Override
    public String toString() {
        if (virtualHost == null) {
            return "no virtual host has a domain for this authority";
        }
        String where = "virtual host " + virtualHost.name() + " by domain " + domain;
        if (route != null) {
            return where + ", route " + route.describe();
        }
        return where + ", no route matches" + (passedOver.isEmpty() ? "" : " (" + String.join("; ", passedOver) + ")");
    }
}
