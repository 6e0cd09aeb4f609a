package io.inmesh.model;

import java.util.Map;

/**
 * What happens to requests that match: {@code envoy.config.route.v3.Route}.
 *
 * @param name                   its name, or an empty string
 * @param match                  which requests
 * @param action                 what happens
 * @param rules                  header rules and filter configuration of this level
 * @param requestBodyBufferLimit bytes of a request's body that a retry may replay, or -1 if the virtual host's limit counts
 * @param metadata               {@code metadata.filter_metadata}, as nested maps
 */
public record Route(
        String name,
        RouteMatch match,
        RouteAction action,
        LevelRules rules,
        long requestBodyBufferLimit,
        Map<String, Map<String, Object>> metadata) {

    /** A route without rules and metadata. */
    public static Route of(String name, RouteMatch match, RouteAction action) {
        return new Route(name, match, action, LevelRules.NONE, -1, Map.of());
    }
}
