package io.inmesh.routing;

import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Redirect;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteTable;
import io.inmesh.model.TextRegion;
import io.inmesh.model.VirtualHost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A route table, ready to choose: virtual host by authority, then the first route that matches.
 *
 * <p>Immutable and thread-safe. A choice takes no lock and allocates nothing, but for regular expressions.
 */
public final class CompiledRoutes {
    private final RouteTable table;
    private final List<String> clusterNames;
    private final List<CompiledRoute> all = new ArrayList<>();
    private final DomainTable<Domain> exact;
    private final DomainTable<Domain> suffixes;
    private final DomainTable<Domain> prefixes;
    private final @Nullable Domain any;

    private CompiledRoutes(RouteTable table) {
        this.table = table;
        Map<String, Integer> clusters = new LinkedHashMap<>();
        Map<String, Domain> exactDomains = new HashMap<>();
        Map<String, Domain> suffixDomains = new HashMap<>();
        Map<String, Domain> prefixDomains = new HashMap<>();
        Domain anyDomain = null;
        for (VirtualHost virtualHost : table.virtualHosts()) {
            CompiledRoute[] routes = compile(table, virtualHost, clusters);
            CompiledRoute toHttps =
                    virtualHost.requireTls() == VirtualHost.RequireTls.ALL ? toHttps(table, virtualHost) : null;
            for (String text : virtualHost.domains()) {
                String lowerCase = text.toLowerCase(Locale.ROOT);
                Domain domain = new Domain(text, virtualHost, routes, toHttps);
                // The first one wins; Envoy refuses a table that names a domain twice, and so does the decoder.
                if (lowerCase.equals("*")) {
                    anyDomain = anyDomain == null ? domain : anyDomain;
                } else if (lowerCase.startsWith("*")) {
                    suffixDomains.putIfAbsent(lowerCase.substring(1), domain);
                } else if (lowerCase.endsWith("*")) {
                    prefixDomains.putIfAbsent(lowerCase.substring(0, lowerCase.length() - 1), domain);
                } else {
                    exactDomains.putIfAbsent(lowerCase, domain);
                }
            }
        }
        clusterNames = List.copyOf(clusters.keySet());
        exact = new DomainTable<>(exactDomains, false);
        suffixes = new DomainTable<>(suffixDomains, true);
        prefixes = new DomainTable<>(prefixDomains, false);
        any = anyDomain;
    }

    /** Makes a table ready. */
    public static CompiledRoutes of(RouteTable table) {
        return new CompiledRoutes(table);
    }

    private CompiledRoute[] compile(RouteTable table, VirtualHost virtualHost, Map<String, Integer> clusters) {
        List<CompiledRoute> routes = new ArrayList<>();
        for (Route route : virtualHost.routes()) {
            routes.add(new CompiledRoute(table, virtualHost, route, all.size() + routes.size(), false, name -> {
                clusters.putIfAbsent(name, clusters.size());
                return clusters.get(name);
            }));
        }
        all.addAll(routes);
        return routes.toArray(CompiledRoute[]::new);
    }

    /** {@code VirtualHost.require_tls}: 301 to the same URL with https. */
    private CompiledRoute toHttps(RouteTable table, VirtualHost virtualHost) {
        Redirect redirect = new Redirect(false, "https", null, 0, null, 301, false);
        Route route = Route.of("require_tls", RouteMatch.of(new PathMatcher.Prefix("", true)), redirect);
        CompiledRoute compiled = CompiledRoute.toHttps(table, virtualHost, route, all.size());
        all.add(compiled);
        return compiled;
    }

    /** The table. */
    public RouteTable table() {
        return table;
    }

    /** How many routes it has, over all virtual hosts, those that lead to https included. */
    public int size() {
        return all.size();
    }

    /** The route with this {@linkplain CompiledRoute#ordinal() number}. */
    public CompiledRoute route(int ordinal) {
        return all.get(ordinal);
    }

    /** The clusters that its routes name, each once; {@link ClusterTarget#index()} is a place in this list. */
    public List<String> clusterNames() {
        return clusterNames;
    }

    /**
     * The route of a request, or null if there is none ({@code NR}, 404).
     *
     * @param random one random number for the request; {@link CompiledRoute#chooseCluster} gets the same one
     */
    public @Nullable CompiledRoute select(RequestHead head, StreamInfo info, long random) {
        Domain domain = domain(head.authority());
        if (domain == null) {
            return null;
        }
        if (domain.toHttps != null && !head.scheme().equals("https")) {
            return domain.toHttps;
        }
        String path = matchedPath(head.path());
        int pathEnd = TextRegion.pathEnd(path);
        for (CompiledRoute route : domain.routes) {
            if (route.test().failure(head, info, path, pathEnd, random) == null) {
                return route;
            }
        }
        return null;
    }

    /** How {@link #select} comes to its result, for a person. */
    public RouteExplanation explain(RequestHead head, StreamInfo info, long random) {
        Domain domain = domain(head.authority());
        if (domain == null) {
            return new RouteExplanation(null, null, null, List.of());
        }
        List<String> passedOver = new ArrayList<>();
        CompiledRoute selected = select(head, info, random);
        String path = matchedPath(head.path());
        int pathEnd = TextRegion.pathEnd(path);
        for (CompiledRoute route : domain.routes) {
            String failure = route.test().failure(head, info, path, pathEnd, random);
            if (failure == null || (selected != null && selected == domain.toHttps)) {
                break;
            }
            passedOver.add(route.describe() + ": " + failure + " does not match");
        }
        return new RouteExplanation(domain.virtualHost, domain.text, selected, passedOver);
    }

    /** The domain, as it was written, by which an authority finds its virtual host; null if no virtual host has one for it. */
    public @Nullable String domainOf(String authority) {
        Domain domain = domain(authority);
        return domain == null ? null : domain.text;
    }

    /** Exact, then the longest suffix, then the longest prefix, then the one for all: {@code RouteMatcher::findVirtualHost}. */
    private @Nullable Domain domain(String authority) {
        int end = authority.length();
        if (table.ignorePort()) {
            int colon = Addresses.portColon(authority);
            end = colon < 0 ? end : colon;
        }
        Domain found = exact.exact(authority, end);
        if (found == null) {
            found = suffixes.longest(authority, end);
        }
        if (found == null) {
            found = prefixes.longest(authority, end);
        }
        return found == null ? any : found;
    }

    private String matchedPath(String path) {
        return table.ignorePathParameters() && path.indexOf(';') >= 0 ? QueryString.withoutParameters(path) : path;
    }

    /** One domain of a virtual host. */
    private static final class Domain {
        final String text;
        final VirtualHost virtualHost;
        final CompiledRoute[] routes;
        final @Nullable CompiledRoute toHttps;

        Domain(String text, VirtualHost virtualHost, CompiledRoute[] routes, @Nullable CompiledRoute toHttps) {
            this.text = text;
            this.virtualHost = virtualHost;
            this.routes = routes;
            this.toHttps = toHttps;
        }
    }
}
