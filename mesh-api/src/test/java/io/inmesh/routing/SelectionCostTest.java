package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteMatch.QueryParameterMatcher;
import io.inmesh.model.RouteTable;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.VirtualHost;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SelectionCostTest {
    private static final int REQUESTS = 20_000;

    /** 200 virtual hosts of 10 routes; the last route of a host asks for a header and a query parameter, and has weighted clusters. */
    private static CompiledRoutes largeTable() {
        VirtualHost[] hosts = new VirtualHost[200];
        for (int h = 0; h < hosts.length; h++) {
            Route[] routes = new Route[10];
            for (int r = 0; r < 9; r++) {
                routes[r] = Route.of("r" + r, RouteMatch.prefix("/service" + r + "/"), Forward.to("c" + r));
            }
            routes[9] = Route.of(
                    "last",
                    new RouteMatch(
                            new PathMatcher.SeparatedPrefix("/api", true),
                            List.of(HeaderMatcher.exact("x-version", "2")),
                            List.of(new QueryParameterMatcher("page", new StringMatcher.Exact("3", false), true)),
                            List.of(),
                            null,
                            false,
                            List.of(),
                            List.of()),
                    Forward.to(ClusterChoice.Weighted.of(ClusterWeight.of("a", 90), ClusterWeight.of("b", 10))));
            hosts[h] = VirtualHost.of("h" + h, List.of("svc-" + h + ".example.com", "*.svc-" + h + ".local"), routes);
        }
        return CompiledRoutes.of(RouteTable.of("large", hosts));
    }

    @Test
    void select_largeTable_allocatesNothing() {
        CompiledRoutes routes = largeTable();
        RequestHead exact = Requests.get("SVC-150.example.com", "/api/x?size=1&page=3", "x-version", "2");
        RequestHead suffix = Requests.get("a.svc-77.local", "/service8/x");
        StreamInfo info = new StreamInfo();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        long weights = run(routes, exact, suffix, info);
        long before = threads.getCurrentThreadAllocatedBytes();
        weights += run(routes, exact, suffix, info);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(weights).isPositive();
        // The measurement itself may cost a few objects; one object a request would be hundreds of thousands of bytes.
        assertThat(bytes).isLessThan(REQUESTS);
    }

    private static long run(CompiledRoutes routes, RequestHead exact, RequestHead suffix, StreamInfo info) {
        long sum = 0;
        for (int i = 0; i < REQUESTS; i++) {
            RequestHead head = i % 2 == 0 ? exact : suffix;
            CompiledRoute route = Objects.requireNonNull(routes.select(head, info, i));
            sum += route.chooseCluster(head, i).index();
        }
        return sum;
    }
}
