package io.inmesh.benchmarks;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A route table of 200 virtual hosts with 10 routes each, and requests for it. */
final class SampleRoutes {
    static final int VIRTUAL_HOSTS = 200;
    static final int ROUTES = 10;
    private static final int WEIGHTED_ROUTE = 8;

    private SampleRoutes() {}

    /** Three of four virtual hosts are named as Kubernetes has it, the fourth by a wildcard. */
    static RouteTable table() {
        VirtualHost[] hosts = new VirtualHost[VIRTUAL_HOSTS];
        for (int i = 0; i < hosts.length; i++) {
            List<String> domains = i % 4 == 3
                    ? List.of("*.shop" + i + ".example.com")
                    : List.of(
                            "service" + i,
                            "service" + i + ".shop",
                            "service" + i + ".shop.svc",
                            "service" + i + ".shop.svc.cluster.local",
                            "service" + i + ".shop.svc.cluster.local:8080");
            hosts[i] = VirtualHost.of("host" + i, domains, routes(i));
        }
        return RouteTable.of("measured", hosts);
    }

    private static Route[] routes(int host) {
        Route[] routes = new Route[ROUTES];
        for (int i = 0; i < ROUTES - 1; i++) {
            ClusterChoice clusters = i == WEIGHTED_ROUTE
                    ? ClusterChoice.Weighted.of(ClusterWeight.of("v1-" + host, 90), ClusterWeight.of("v2-" + host, 10))
                    : new ClusterChoice.Named("c-" + host + "-" + i);
            routes[i] = Route.of("route" + i, match(i), Forward.to(clusters));
        }
        routes[ROUTES - 1] = Route.of("rest", RouteMatch.prefix("/"), Forward.to("c-" + host));
        return routes;
    }

    /** Mostly prefixes, one exact path, one header. */
    private static RouteMatch match(int route) {
        if (route == 2) {
            return RouteMatch.of(new PathMatcher.Exact("/api/v2/health", true));
        }
        if (route == 4) {
            return new RouteMatch(
                    new PathMatcher.Prefix("/api/v4/", true),
                    List.of(HeaderMatcher.exact("x-canary", "true")),
                    List.of(),
                    List.of(),
                    null,
                    false,
                    List.of(),
                    List.of());
        }
        return RouteMatch.prefix("/api/v" + route + "/");
    }

    /** Requests that are spread over all virtual hosts and all their routes. */
    static List<RequestHead> requests(int number) {
        SplittableRandom random = new SplittableRandom(1);
        List<RequestHead> requests = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            int host = random.nextInt(VIRTUAL_HOSTS);
            String authority = host % 4 == 3
                    ? "tenant" + i + ".shop" + host + ".example.com"
                    : "service" + host + ".shop.svc.cluster.local";
            int route = random.nextInt(ROUTES);
            String path = route == 2 ? "/api/v2/health" : "/api/v" + route + "/orders/" + i + "?page=2&size=50";
            Headers headers = Headers.of(
                    "accept", "application/json",
                    "user-agent", "measured/1.0",
                    "x-request-id", "7f1c2a9e-30c4-4c58-9d2f-6f1f3d2b8f10",
                    "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                    "accept-encoding", "gzip",
                    "content-type", "application/json",
                    "x-canary", "true");
            requests.add(new RequestHead("GET", "http", authority, path, headers));
        }
        return requests;
    }
}
