package io.inmesh.xds.decode;

import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.model.Route;
import io.inmesh.model.RouteTable;
import io.inmesh.model.VirtualHost;
import io.inmesh.model.VirtualHost.RequireTls;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code envoy.config.route.v3.RouteConfiguration}. */
final class RouteTableDecoder {
    private RouteTableDecoder() {}

    /**
     * Decodes a table that was checked already.
     *
     * @param name the name to file it under
     */
    static RouteTable decode(RouteConfiguration table, String name, String path, Notes notes) {
        int maxBody = table.hasMaxDirectResponseBodySizeBytes()
                ? Values.count(table.getMaxDirectResponseBodySizeBytes())
                : RouteTable.DEFAULT_MAX_DIRECT_RESPONSE_BODY;
        requireUniqueDomains(table, path);
        return new RouteTable(
                name,
                Values.each(
                        table.getVirtualHostsList(),
                        path,
                        "virtual_hosts",
                        (host, at) -> virtualHost(host, maxBody, at, notes)),
                LevelDecoder.rules(
                        table.getRequestHeadersToAddList(),
                        table.getRequestHeadersToRemoveList(),
                        table.getResponseHeadersToAddList(),
                        table.getResponseHeadersToRemoveList(),
                        table.getTypedPerFilterConfigMap(),
                        path,
                        notes),
                table.getIgnorePortInHostMatching(),
                table.getIgnorePathParametersInPathMatching(),
                table.getMostSpecificHeaderMutationsWins(),
                maxBody,
                Values.metadata(table.getMetadata()));
    }

    private static void requireUniqueDomains(RouteConfiguration table, String path) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < table.getVirtualHostsCount(); i++) {
            String at = Paths.element(path, "virtual_hosts", i);
            for (int j = 0; j < table.getVirtualHosts(i).getDomainsCount(); j++) {
                String domain = table.getVirtualHosts(i).getDomains(j).toLowerCase(Locale.ROOT);
                if (!seen.add(domain)) {
                    throw new BadResourceException(
                            Paths.element(at, "domains", j),
                            domain.equals("*")
                                    ? "only one wildcard domain \"*\" is permitted in a table"
                                    : "domain \"" + domain + "\" is in the table twice");
                }
            }
        }
    }

    private static VirtualHost virtualHost(
            io.envoyproxy.envoy.config.route.v3.VirtualHost host, int maxBody, String path, Notes notes) {
        return new VirtualHost(
                host.getName(),
                List.copyOf(host.getDomainsList()),
                routes(host, maxBody, path, notes),
                switch (host.getRequireTls()) {
                    case NONE, UNRECOGNIZED -> RequireTls.NONE;
                    case EXTERNAL_ONLY -> RequireTls.EXTERNAL_ONLY;
                    case ALL -> RequireTls.ALL;
                },
                LevelDecoder.rules(
                        host.getRequestHeadersToAddList(),
                        host.getRequestHeadersToRemoveList(),
                        host.getResponseHeadersToAddList(),
                        host.getResponseHeadersToRemoveList(),
                        host.getTypedPerFilterConfigMap(),
                        path,
                        notes),
                host.hasRetryPolicy()
                        ? RetryPolicyDecoder.decode(host.getRetryPolicy(), path + ".retry_policy", notes)
                        : null,
                host.getIncludeRequestAttemptCount(),
                host.getIncludeAttemptCountInResponse(),
                host.getIncludeIsTimeoutRetryHeader(),
                host.hasPerRequestBufferLimitBytes()
                        ? Integer.toUnsignedLong(
                                host.getPerRequestBufferLimitBytes().getValue())
                        : -1,
                Values.metadata(host.getMetadata()));
    }

    private static List<Route> routes(
            io.envoyproxy.envoy.config.route.v3.VirtualHost host, int maxBody, String path, Notes notes) {
        List<Route> routes = new ArrayList<>(host.getRoutesCount());
        for (int i = 0; i < host.getRoutesCount(); i++) {
            Route route = RouteDecoder.decode(host.getRoutes(i), maxBody, Paths.element(path, "routes", i), notes);
            if (route != null) {
                routes.add(route);
            }
        }
        return List.copyOf(routes);
    }
}
