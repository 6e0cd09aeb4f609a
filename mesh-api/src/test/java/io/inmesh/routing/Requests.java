package io.inmesh.routing;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import java.util.List;
import java.util.Objects;

/** Requests and tables in few words. */
final class Requests {
    private Requests() {}

    static RequestHead get(String authority, String path, String... headers) {
        return new RequestHead("GET", "http", authority, path, Headers.of(headers));
    }

    /** A virtual host with one route that takes everything to a cluster of the host's own name. */
    static VirtualHost host(String name, String... domains) {
        return VirtualHost.of(name, List.of(domains), Route.of(name, RouteMatch.prefix("/"), Forward.to(name)));
    }

    /** A table of one virtual host for all authorities. */
    static CompiledRoutes routes(Route... routes) {
        return CompiledRoutes.of(RouteTable.of("table", VirtualHost.of("all", List.of("*"), routes)));
    }

    /** Whether a route with this match takes the request. */
    static boolean matches(RouteMatch match, RequestHead head, StreamInfo info, long random) {
        return routes(Route.of("it", match, Forward.to("c"))).select(head, info, random) != null;
    }

    static boolean matches(RouteMatch match, RequestHead head) {
        return matches(match, head, new StreamInfo(), 0);
    }

    /** The route of the request, which must have one. */
    static CompiledRoute select(CompiledRoutes routes, RequestHead head) {
        return Objects.requireNonNull(routes.select(head, new StreamInfo(), 0), "no route for " + head);
    }
}
