package io.inmesh.xds.graph;

import io.inmesh.model.HttpConnectionManager;
import io.inmesh.model.InboundListener;
import io.inmesh.model.Listener;
import io.inmesh.model.RouteTable;
import io.inmesh.model.Secret;
import io.inmesh.xds.decode.DecodedListener;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which version of each listener and route table serves. A listener waits for its table and for the secrets of its TLS. Where clusters are asked for by name, a table waits for
 * the clusters that it names, so that no request finds a route without its cluster.
 */
final class RouteWarming {
    private final ResourceTable<DecodedListener> listeners;
    private final ResourceTable<RouteTable> tables;
    private final SecretNeeds secrets;
    private final Predicate<RouteTable> hasItsClusters;
    private final Set<String> warming = new HashSet<>();
    private final Set<String> rdsNames = new HashSet<>();
    private final Set<RouteTable> newest = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<RouteTable> calling = Collections.newSetFromMap(new IdentityHashMap<>());
    private Map<String, DecodedListener> served = Map.of();
    private Map<String, Listener> servingListeners = Map.of();
    private Map<String, InboundListener> servingInbound = Map.of();
    private Map<String, RouteTable> servingTables = Map.of();

    RouteWarming(
            ResourceTable<DecodedListener> listeners,
            ResourceTable<RouteTable> tables,
            ResourceTable<Secret> secrets,
            Predicate<RouteTable> hasItsClusters) {
        this.listeners = listeners;
        this.tables = tables;
        this.secrets = new SecretNeeds(secrets);
        this.hasItsClusters = hasItsClusters;
    }

    /**
     * Looks at all listeners and tables again.
     *
     * @param wantedTables tables that are wanted without a listener
     */
    void update(Set<String> wantedTables) {
        warming.clear();
        secrets.clear();
        rdsNames.clear();
        rdsNames.addAll(wantedTables);
        newest.clear();
        calling.clear();
        Map<String, DecodedListener> nextServed = new LinkedHashMap<>();
        Map<String, RouteTable> nextTables = new LinkedHashMap<>();
        for (String name : listeners.names()) {
            DecodedListener chosen = listener(name, nextTables);
            if (chosen != null) {
                nextServed.put(name, chosen);
            }
        }
        for (String name : wantedTables) {
            RouteTable table = byName(name);
            if (table != null) {
                nextTables.put(name, table);
                calling.add(table);
            }
        }
        Map<String, Listener> nextListeners = new LinkedHashMap<>();
        nextServed.forEach((name, decoded) -> nextListeners.put(name, decoded.listener()));
        Map<String, InboundListener> nextInbound = new LinkedHashMap<>();
        nextServed.forEach((name, decoded) -> {
            if (decoded.inbound() != null) {
                nextInbound.put(name, decoded.inbound());
            }
        });
        served = nextServed;
        servingInbound = Snapshots.keepUnchanged(servingInbound, nextInbound);
        servingListeners = Snapshots.keepUnchanged(servingListeners, nextListeners);
        servingTables = Snapshots.keepUnchanged(servingTables, nextTables);
    }

    private @Nullable DecodedListener listener(String name, Map<String, RouteTable> nextTables) {
        DecodedListener latest = listeners.value(name);
        DecodedListener before = served.get(name);
        if (latest == null) {
            if (listeners.problem(name) == null) {
                warming.add(name);
            }
            return null;
        }
        boolean secured = secrets.need(latest.secrets());
        HttpConnectionManager http = latest.listener().http();
        RouteTable table = http == null ? RouteTable.of("") : tableOf(latest, http);
        Map<String, RouteTable> ofServer = serverTables(latest);
        if (secured && table != null && !ofServer.containsValue(null)) {
            if (http != null) {
                nextTables.put(http.routeTable(), table);
                calling.add(table);
            }
            nextTables.putAll(ofServer);
            return latest;
        }
        warming.add(name);
        return before == null ? null : stillServing(before, nextTables);
    }

    /**
     * The tables of a listener's chains, null for those that are awaited. The clusters that they name are not waited for, nor asked for: they stand for the
     * application.
     */
    private Map<String, @Nullable RouteTable> serverTables(DecodedListener decoded) {
        InboundListener inbound = decoded.inbound();
        // Not Map.of(), which cannot be asked whether it holds null.
        Map<String, @Nullable RouteTable> found = new LinkedHashMap<>();
        if (inbound == null) {
            return found;
        }
        decoded.inboundRoutes().forEach(table -> found.put(table.name(), table));
        for (HttpConnectionManager http : inbound.connectionManagers()) {
            if (!found.containsKey(http.routeTable())) {
                found.put(http.routeTable(), serverTable(http.routeTable()));
            }
        }
        return found;
    }

    private @Nullable RouteTable serverTable(String name) {
        rdsNames.add(name);
        RouteTable latest = tables.value(name);
        if (latest != null || tables.problem(name) == null) {
            return latest;
        }
        RouteTable before = servingTables.get(name);
        return before == null ? RouteTable.of(name) : before;
    }

    private DecodedListener stillServing(DecodedListener before, Map<String, RouteTable> nextTables) {
        secrets.need(before.secrets());
        HttpConnectionManager http = before.listener().http();
        if (http != null) {
            RouteTable fresh = before.routes() == null ? byName(http.routeTable()) : null;
            RouteTable table = fresh == null ? servingTables.get(http.routeTable()) : fresh;
            RouteTable serving = table == null ? RouteTable.of(http.routeTable()) : table;
            nextTables.put(http.routeTable(), serving);
            calling.add(serving);
        }
        serverTables(before).forEach((name, fresh) -> {
            RouteTable table = fresh == null ? servingTables.get(name) : fresh;
            nextTables.put(name, table == null ? RouteTable.of(name) : table);
        });
        return before;
    }

    private @Nullable RouteTable tableOf(DecodedListener decoded, HttpConnectionManager http) {
        RouteTable inline = decoded.routes();
        if (inline == null) {
            return byName(http.routeTable());
        }
        newest.add(inline);
        return hasItsClusters.test(inline) ? inline : null;
    }

    /** The version of a table that serves, or null as long as it is awaited. */
    private @Nullable RouteTable byName(String name) {
        rdsNames.add(name);
        RouteTable latest = tables.value(name);
        if (latest != null) {
            newest.add(latest);
            return hasItsClusters.test(latest) ? latest : servingTables.get(name);
        }
        if (tables.problem(name) == null) {
            return null;
        }
        // As in Envoy: a listener whose table does not come, or cannot be used, serves without routes.
        RouteTable before = servingTables.get(name);
        return before == null ? RouteTable.of(name) : before;
    }

    /** What each listener that serves was decoded to. */
    Map<String, DecodedListener> served() {
        return served;
    }

    /** The listeners that serve. The same map as long as nothing has changed. */
    Map<String, Listener> listeners() {
        return servingListeners;
    }

    /** The listeners that serve servers. The same map as long as nothing has changed. */
    Map<String, InboundListener> inbound() {
        return servingInbound;
    }

    /** The tables that serve calls, whose clusters are needed; compares by identity. */
    Set<RouteTable> callingTables() {
        return calling;
    }

    /** Their tables. The same map as long as nothing has changed. */
    Map<String, RouteTable> tables() {
        return servingTables;
    }

    /** Names of listeners whose newest version waits for something. */
    Set<String> warming() {
        return warming;
    }

    /** The RDS resources that listeners need now, old versions included. */
    Set<String> rdsNames() {
        return rdsNames;
    }

    /** The SDS resources that listeners need now, old versions included. */
    Set<String> secretNames() {
        return secrets.names();
    }

    /** The newest version of each table that is needed, whether it serves already or not; compares by identity. */
    Set<RouteTable> newestTables() {
        return newest;
    }
}
