package io.inmesh.outbound;

import io.inmesh.balancing.UpstreamClusters;
import io.inmesh.filter.FilterChain;
import io.inmesh.filter.FilterFactories;
import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.HttpFilterConfig;
import io.inmesh.model.Listener;
import io.inmesh.model.RouteTable;
import io.inmesh.routing.CompiledRoutes;
import io.inmesh.snapshot.Dialect;
import io.inmesh.snapshot.MeshSnapshot;
import io.inmesh.snapshot.ResourceName;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes snapshots ready for requests. What a snapshot shares with the one before it is not made again: a table that is the same object, and the filters
 * of a listener whose list of filters is equal, so that what filters count outlives a change of routes.
 *
 * <p>Belongs to the configuration thread.
 */
final class MeshCompiler {
    private final Dialect dialect;
    private final FilterFactories factories;
    private final UpstreamClusters clusters;
    private final Interests interests;
    private IdentityHashMap<RouteTable, CompiledRoutes> tables = new IdentityHashMap<>();
    private Map<String, CompiledListener> previous = new HashMap<>();

    MeshCompiler(Dialect dialect, FilterFactories factories, UpstreamClusters clusters, Interests interests) {
        this.dialect = dialect;
        this.factories = factories;
        this.clusters = clusters;
        this.interests = interests;
    }

    /** Throws, and remembers nothing of the snapshot, if it cannot be compiled. */
    @SuppressWarnings("ReferenceEquality") // identity means that nothing has changed
    CompiledMesh compile(MeshSnapshot snapshot) {
        IdentityHashMap<RouteTable, CompiledRoutes> nextTables = new IdentityHashMap<>();
        Map<String, CompiledListener> next = new HashMap<>();
        IdentityHashMap<Listener, CompiledListener> byListener = new IdentityHashMap<>();
        snapshot.listeners().forEach((name, listener) -> {
            HttpConnectionManager http = listener.http();
            if (http != null) {
                CompiledListener compiled = compile(snapshot, listener, http, previous.get(name), nextTables);
                next.put(name, compiled);
                byListener.put(listener, compiled);
            }
        });
        CompiledMesh compiled = new CompiledMesh(snapshot, dialect.index(snapshot), byListener);
        next.forEach((name, listener) -> {
            // One that is as before has not asked for its filters again, and has nothing to drop.
            if (listener != previous.get(name)) {
                listener.filters().dropUnused();
            }
        });
        tables = nextTables;
        previous = next;
        return compiled;
    }

    private CompiledListener compile(
            MeshSnapshot snapshot,
            Listener listener,
            HttpConnectionManager http,
            @Nullable CompiledListener before,
            IdentityHashMap<RouteTable, CompiledRoutes> nextTables) {
        RouteTable table = snapshot.routeTables().get(http.routeTable());
        CompiledRoutes routes = table == null ? null : routes(table, nextTables);
        Interests.Wish wish = interests.wish(new ResourceName(ResourceName.Kind.LISTENER, listener.name()));
        if (before != null && before.isOf(listener, routes, wish) && table != null) {
            return before;
        }
        FilterChain chain = before != null && sameFilters(before, http)
                ? before.filters()
                : FilterChain.compile(http.filters(), factories);
        return new CompiledListener(
                listener, http, routes, table == null ? absence(snapshot, http) : null, chain, clusters, wish);
    }

    private CompiledRoutes routes(RouteTable table, IdentityHashMap<RouteTable, CompiledRoutes> nextTables) {
        CompiledRoutes known = tables.get(table);
        CompiledRoutes routes = known == null ? CompiledRoutes.of(table) : known;
        nextTables.put(table, routes);
        return routes;
    }

    private static boolean sameFilters(CompiledListener before, HttpConnectionManager http) {
        List<HttpFilterConfig> filters = before.http().filters();
        return filters.equals(http.filters());
    }

    private static String absence(MeshSnapshot snapshot, HttpConnectionManager http) {
        String reason = snapshot.absent().get(new ResourceName(ResourceName.Kind.ROUTE_TABLE, http.routeTable()));
        return "route table " + http.routeTable() + " is not there" + (reason == null ? "" : ": " + reason);
    }
}
