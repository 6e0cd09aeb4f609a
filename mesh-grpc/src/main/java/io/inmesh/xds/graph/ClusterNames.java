package io.inmesh.xds.graph;

import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.ClusterChoice;
import io.inmesh.model.RouteAction.ClusterWeight;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Set;

/** The clusters that a route table names. A cluster that a request's header names is known only then. */
final class ClusterNames {
    /** By identity: walking over a large table again for each response, or comparing it, would be a waste. */
    private final IdentityHashMap<RouteTable, Set<String>> known = new IdentityHashMap<>();

    Set<String> of(RouteTable table) {
        return known.computeIfAbsent(table, ClusterNames::collect);
    }

    /** Forgets all tables but these. */
    void retain(Set<RouteTable> tables) {
        known.keySet().retainAll(tables);
    }

    private static Set<String> collect(RouteTable table) {
        Set<String> names = new LinkedHashSet<>();
        for (VirtualHost host : table.virtualHosts()) {
            for (Route route : host.routes()) {
                if (route.action() instanceof Forward forward) {
                    collect(forward.cluster(), names);
                }
            }
        }
        return Collections.unmodifiableSet(names);
    }

    private static void collect(ClusterChoice choice, Set<String> names) {
        if (choice instanceof ClusterChoice.Named named) {
            names.add(named.cluster());
        } else if (choice instanceof ClusterChoice.Weighted weighted) {
            for (ClusterWeight each : weighted.clusters()) {
                String name = each.cluster();
                if (name != null) {
                    names.add(name);
                }
            }
        }
    }
}
