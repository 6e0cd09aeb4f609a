package io.inmesh.xds.envoy;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.xds.envoy.WireHead.Field;
import java.util.ArrayList;
import java.util.List;

/** Random requests that come near to what a table asks for. */
final class RandomRequests {
    private final Draw draw;
    private final RandomMatchers matchers;

    RandomRequests(Draw draw) {
        this.draw = draw;
        matchers = new RandomMatchers(draw);
    }

    RequestHead request(RouteConfiguration table) {
        VirtualHost host = draw.of(table.getVirtualHostsList());
        String method = draw.of("GET", "GET", "GET", "PUT", "DELETE", "OPTIONS");
        Headers headers = new Headers();
        if (method.equals("PUT") || method.equals("OPTIONS")) {
            // Envoy writes it anyway where a body may be expected; that is the affair of whoever writes to a wire.
            headers.add("content-length", "0");
        }
        headers.add(EchoBackend.REPLY, draw.of("0", "1", "2"));
        headers.add("x-random", Integer.toString(draw.below(300)));
        add(headers, 50, "x-m", "1", "a", "abc", "2", "", "12");
        add(headers, 40, "x-n", "1", "5", "-3", "x", "1.5");
        add(headers, 30, "x-rep", "1", "a", "2");
        add(headers, 30, "x-rep", "2", "b", "c");
        add(headers, 40, "user-agent", "ua", "UA/2");
        add(headers, 20, "accept", "*/*");
        add(headers, 30, "x-a", "up", "1");
        add(headers, 60, "x-cluster", "c0", "c1", "c2", "gone", "");
        add(headers, 30, "x-host", "from.header", "");
        add(headers, 10, "x-forwarded-host", "a.com", "first,a.com", "other");
        add(headers, 8, "content-type", "application/grpc", "application/grpc+proto", "text/plain");
        return new RequestHead(method, "http", authority(host), path(draw.of(host.getRoutesList())), headers);
    }

    private void add(Headers headers, int percent, String name, String... values) {
        if (draw.percent(percent)) {
            headers.add(name, draw.of(values));
        }
    }

    private String authority(VirtualHost host) {
        String domain = draw.of(host.getDomainsList());
        String authority = domain.replace("*", draw.of("a", "www", "b.a", "z-x", "com", "q"));
        if (draw.percent(15)) {
            authority = draw.of("a.com", "b.com", "www.a.com", "x.b.com", "localhost", "unknown");
        }
        if (draw.percent(20)) {
            authority = authority.toUpperCase(java.util.Locale.ROOT);
        }
        boolean hasPort = authority.matches(".*:[0-9]+");
        return !hasPort && draw.percent(25) ? authority + draw.of(":80", ":8080", ":443") : authority;
    }

    private String path(Route route) {
        String path =
                switch (route.getMatch().getPathSpecifierCase()) {
                    case PREFIX -> route.getMatch().getPrefix() + draw.of("", "/x", "b", "/c?d");
                    case PATH -> route.getMatch().getPath();
                    case PATH_SEPARATED_PREFIX ->
                        route.getMatch().getPathSeparatedPrefix() + draw.of("", "/", "/x", "x");
                    default -> draw.of("/a/b", "/api/v1/x", "/a/b/c", "/x.html", "/api", "/a/x/c", "/b/b", "/one/");
                };
        if (draw.percent(20)) {
            path = matchers.path();
        }
        if (draw.percent(10)) {
            path = draw.percent(50) ? path.toUpperCase(java.util.Locale.ROOT) : path.toLowerCase(java.util.Locale.ROOT);
        }
        if (!path.startsWith("/")) {
            path = "/" + path;
        }
        if (draw.percent(45) && path.indexOf('?') < 0) {
            path += draw.of("?q=1", "?q=abc&r=2", "?r=1&q", "?s", "?q=", "?a;b=c", "?q=1&q=2", "?", "?x=/a?b");
        }
        return path;
    }

    /** As it goes to Envoy. */
    static WireHead onTheWire(RequestHead head) {
        List<Field> fields = new ArrayList<>();
        fields.add(new Field("host", head.authority()));
        for (int i = 0; i < head.headers().size(); i++) {
            fields.add(new Field(head.headers().name(i), head.headers().value(i)));
        }
        return new WireHead(head.method() + " " + head.path() + " HTTP/1.1", fields);
    }
}
