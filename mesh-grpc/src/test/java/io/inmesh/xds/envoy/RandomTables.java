package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.VirtualHost.TlsRequirementType;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Random route tables that Envoy accepts. */
final class RandomTables {
    static final List<String> CLUSTERS = List.of("c0", "c1", "c2", "c3");

    private static final List<String> DOMAINS = List.of(
            "*",
            "a.com",
            "A.Com",
            "b.com",
            "www.a.com",
            "a.com:8080",
            "*.a.com",
            "*.b.com",
            "*a.com",
            "*.com",
            "*-x.a.com",
            "a.*",
            "www.*",
            "www.a.*",
            "[::1]",
            "localhost");

    private static final List<String> FORMATS = List.of(
            "literal",
            "",
            "a%%b",
            "%REQ(x-m)%",
            "<%REQ(X-None?:METHOD)%>",
            "%REQ(:path)%",
            "%REQ(:authority)%",
            "%REQ(x-rep):2%",
            "%REQ(x-a)%",
            "%PROTOCOL%",
            "%ROUTE_NAME%",
            "%RESP(x-b)%",
            "%RESPONSE_CODE%",
            "%RESPONSE_FLAGS%",
            "%RESPONSE_FLAGS_LONG%",
            "%RESPONSE_CODE_DETAILS%",
            "%UPSTREAM_CLUSTER%",
            "%UPSTREAM_CLUSTER_RAW%",
            "%QUERY_PARAM(q)%",
            "%PATH(NQ:PATH)%",
            "%PATH(WQ:ORIG)%",
            "%METADATA(ROUTE:m:k)%",
            "%METADATA(ROUTE:m:n)%",
            "%METADATA(VIRTUAL_HOST:m:k)%",
            "%METADATA(CLUSTER:m:k)%",
            "%METADATA(UPSTREAM_HOST:m:k)%",
            "%CLUSTER_METADATA(m:k)%",
            "%UPSTREAM_METADATA(m:k)%",
            "%DYNAMIC_METADATA(f:k)%",
            "%FILTER_STATE(f:PLAIN)%",
            "%START_TIME(%Y %%)%",
            "%UPSTREAM_HOST%",
            "%UPSTREAM_HOST_NAME%",
            "%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
            "%UPSTREAM_PROTOCOL%",
            "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
            "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
            "%DOWNSTREAM_PEER_SUBJECT%",
            "%REQUESTED_SERVER_NAME%",
            "%REQ(x-m)%-%REQ(x-n)%");

    private final Draw draw;
    private final RandomMatchers matchers;

    RandomTables(Draw draw) {
        this.draw = draw;
        matchers = new RandomMatchers(draw);
    }

    RouteConfiguration table(String name) {
        RouteConfiguration.Builder table = RouteConfiguration.newBuilder()
                .setName(name)
                .setValidateClusters(BoolValue.of(false))
                .setIgnorePortInHostMatching(draw.percent(25))
                .setIgnorePathParametersInPathMatching(draw.percent(25))
                .setMostSpecificHeaderMutationsWins(draw.percent(40));
        if (draw.percent(30)) {
            rules(
                    table::addRequestHeadersToAdd,
                    table::addRequestHeadersToRemove,
                    table::addResponseHeadersToAdd,
                    table::addResponseHeadersToRemove);
        }
        List<String> domains = new ArrayList<>();
        for (int i = draw.between(1, 4); i > 0; i--) {
            VirtualHost.Builder host = virtualHost("v" + i, domains);
            if (host.getDomainsCount() > 0) {
                table.addVirtualHosts(host);
            }
        }
        return table.build();
    }

    private VirtualHost.Builder virtualHost(String name, List<String> taken) {
        VirtualHost.Builder host = VirtualHost.newBuilder().setName(name);
        for (int i = draw.between(1, 3); i > 0; i--) {
            String domain = draw.of(DOMAINS);
            if (!taken.contains(domain.toLowerCase(Locale.ROOT))) {
                taken.add(domain.toLowerCase(Locale.ROOT));
                host.addDomains(domain);
            }
        }
        if (draw.percent(5)) {
            host.setRequireTls(draw.of(TlsRequirementType.ALL, TlsRequirementType.NONE));
        }
        if (draw.percent(30)) {
            host.setMetadata(metadata("of-host"));
        }
        if (draw.percent(30)) {
            rules(
                    host::addRequestHeadersToAdd,
                    host::addRequestHeadersToRemove,
                    host::addResponseHeadersToAdd,
                    host::addResponseHeadersToRemove);
        }
        for (int i = draw.between(1, 5); i > 0; i--) {
            host.addRoutes(route("r" + i));
        }
        return host;
    }

    private Route.Builder route(String name) {
        RouteMatch.Builder match = matchers.match();
        Route.Builder route =
                Route.newBuilder().setName(draw.percent(80) ? name : "").setMatch(match);
        if (draw.percent(30)) {
            route.setMetadata(metadata("of-route"));
        }
        if (draw.percent(40)) {
            rules(
                    route::addRequestHeadersToAdd,
                    route::addRequestHeadersToRemove,
                    route::addResponseHeadersToAdd,
                    route::addResponseHeadersToRemove);
        }
        switch (draw.below(8)) {
            case 0 -> route.setDirectResponse(directResponse());
            case 1, 2 -> route.setRedirect(redirect(match));
            default -> route.setRoute(forward(match));
        }
        return route;
    }

    private DirectResponseAction.Builder directResponse() {
        DirectResponseAction.Builder response =
                DirectResponseAction.newBuilder().setStatus(draw.of(200, 201, 204, 302, 404, 503));
        if (draw.percent(50) && response.getStatus() != 204) {
            response.setBody(DataSource.newBuilder().setInlineString("direct\n"));
        }
        return response;
    }

    private RedirectAction.Builder redirect(RouteMatch.Builder match) {
        RedirectAction.Builder redirect = RedirectAction.newBuilder()
                .setResponseCode(draw.of(
                        RedirectResponseCode.MOVED_PERMANENTLY,
                        RedirectResponseCode.FOUND,
                        RedirectResponseCode.SEE_OTHER,
                        RedirectResponseCode.TEMPORARY_REDIRECT,
                        RedirectResponseCode.PERMANENT_REDIRECT))
                .setStripQuery(draw.percent(30));
        switch (draw.below(4)) {
            case 0 -> redirect.setHttpsRedirect(draw.percent(80));
            case 1 -> redirect.setSchemeRedirect(draw.of("https", "http", "ftp"));
            default -> {
                // The scheme stays.
            }
        }
        if (draw.percent(40)) {
            redirect.setHostRedirect(draw.of("new.host", "[::2]", "new.host:99"));
        }
        if (draw.percent(30)) {
            redirect.setPortRedirect(draw.of(80, 443, 8443));
        }
        switch (draw.below(5)) {
            case 0 -> redirect.setPathRedirect(draw.of("/new", "/new?own=1", "relative", "/"));
            case 1 -> {
                if (!match.hasPathMatchPolicy()) {
                    redirect.setPrefixRewrite(draw.of("/pre", "/", "/pre/"));
                }
            }
            case 2 -> redirect.setRegexRewrite(regexRewrite());
            default -> {
                // The path stays.
            }
        }
        return redirect;
    }

    private RouteAction.Builder forward(RouteMatch.Builder match) {
        RouteAction.Builder action = RouteAction.newBuilder()
                .setClusterNotFoundResponseCode(draw.of(
                        ClusterNotFoundResponseCode.SERVICE_UNAVAILABLE,
                        ClusterNotFoundResponseCode.NOT_FOUND,
                        ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR))
                .setAppendXForwardedHost(draw.percent(30));
        switch (draw.below(6)) {
            case 0 -> action.setClusterHeader("x-cluster");
            case 1, 2 -> action.setWeightedClusters(weighted());
            default -> action.setCluster(draw.percent(4) ? "nowhere" : draw.of(CLUSTERS));
        }
        if (match.hasPathMatchPolicy()) {
            templateRewrite(match, action);
        } else if (draw.percent(40)) {
            if (draw.percent(60)) {
                action.setPrefixRewrite(draw.of("/pre", "/", "/pre/", "/pre?x=1", "pre"));
            } else {
                action.setRegexRewrite(regexRewrite());
            }
        }
        switch (draw.below(8)) {
            case 0 -> action.setHostRewriteLiteral(draw.of("rewritten.host", "rewritten:81"));
            case 1 -> action.setHostRewriteHeader(draw.of("x-host", "x-m", "X-Rep"));
            case 2 -> action.setHostRewritePathRegex(regexRewrite("^/([a-z]+).*$", draw.of("\\1", "\\1.host")));
            case 3 -> action.setAutoHostRewrite(BoolValue.of(true));
            default -> {
                // The authority stays.
            }
        }
        return action;
    }

    private void templateRewrite(RouteMatch.Builder match, RouteAction.Builder action) {
        if (draw.percent(30)) {
            action.setRegexRewrite(regexRewrite());
        } else if (draw.percent(60)) {
            String template;
            try {
                template = match.getPathMatchPolicy()
                        .getTypedConfig()
                        .unpack(UriTemplateMatchConfig.class)
                        .getPathTemplate();
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
            String variable = template.contains("{")
                    ? template.substring(template.indexOf('{') + 1).split("[=}]", 2)[0]
                    : null;
            String rewrite = variable == null ? "/fixed" : draw.of("/{" + variable + "}", "/x/{" + variable + "}/y");
            action.setPathRewritePolicy(TypedExtensionConfig.newBuilder()
                    .setName("rewrite")
                    .setTypedConfig(Any.pack(UriTemplateRewriteConfig.newBuilder()
                            .setPathTemplateRewrite(rewrite)
                            .build())));
        }
    }

    private WeightedCluster.Builder weighted() {
        WeightedCluster.Builder weighted = WeightedCluster.newBuilder().setHeaderName("x-random");
        int sum = 0;
        for (int i = draw.between(1, 3); i > 0 || sum == 0; i--) {
            int weight = draw.of(0, 1, 50, 100);
            sum += weight;
            WeightedCluster.ClusterWeight.Builder cluster =
                    WeightedCluster.ClusterWeight.newBuilder().setWeight(UInt32Value.of(weight));
            if (draw.percent(15)) {
                cluster.setClusterHeader("x-cluster");
            } else {
                cluster.setName(draw.of(CLUSTERS));
            }
            if (draw.percent(20)) {
                cluster.setHostRewriteLiteral("weighted.host");
            }
            if (draw.percent(40)) {
                rules(
                        cluster::addRequestHeadersToAdd,
                        cluster::addRequestHeadersToRemove,
                        cluster::addResponseHeadersToAdd,
                        cluster::addResponseHeadersToRemove);
            }
            weighted.addClusters(cluster);
        }
        return weighted;
    }

    private RegexMatchAndSubstitute regexRewrite() {
        return draw.way(
                () -> regexRewrite("a", "\\0\\0"),
                () -> regexRewrite("^/([^/]+)/(.*)$", "/\\2/\\1"),
                () -> regexRewrite("[0-9]*", "-"),
                () -> regexRewrite("(?i)api", "\\\\x"),
                () -> regexRewrite("^.*$", "/whole"),
                () -> regexRewrite("/+$", ""));
    }

    private static RegexMatchAndSubstitute regexRewrite(String pattern, String substitution) {
        return RegexMatchAndSubstitute.newBuilder()
                .setPattern(RandomMatchers.regex(pattern))
                .setSubstitution(substitution)
                .build();
    }

    private void rules(
            Consumer<HeaderValueOption> requestAdd,
            Consumer<String> requestRemove,
            Consumer<HeaderValueOption> responseAdd,
            Consumer<String> responseRemove) {
        for (int i = draw.between(0, 3); i > 0; i--) {
            requestAdd.accept(header(draw.of("x-a", "X-B", "x-m", "user-agent", "x-rep", "accept", "x-new")));
        }
        for (int i = draw.percent(40) ? draw.between(1, 2) : 0; i > 0; i--) {
            requestRemove.accept(draw.of("x-m", "X-Rep", "x-a", "user-agent", "x-none"));
        }
        for (int i = draw.between(0, 3); i > 0; i--) {
            responseAdd.accept(header(draw.of("x-a", "X-B", "x-c", "vary", "server", "x-new", "location")));
        }
        for (int i = draw.percent(40) ? draw.between(1, 2) : 0; i > 0; i--) {
            responseRemove.accept(draw.of("x-a", "X-B", "vary", "content-type", "x-none"));
        }
    }

    @SuppressWarnings("deprecation") // control planes still send "append"
    private HeaderValueOption header(String name) {
        HeaderValueOption.Builder option = HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(draw.of(FORMATS)))
                .setKeepEmptyValue(draw.percent(30));
        if (draw.percent(15)) {
            return option.setAppend(BoolValue.of(draw.percent(50))).build();
        }
        return option.setAppendAction(draw.of(
                        HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD,
                        HeaderAppendAction.ADD_IF_ABSENT,
                        HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
                        HeaderAppendAction.OVERWRITE_IF_EXISTS))
                .build();
    }

    static Metadata metadata(String text) {
        return Metadata.newBuilder()
                .putFilterMetadata(
                        "m",
                        Struct.newBuilder()
                                .putFields(
                                        "k",
                                        Value.newBuilder().setStringValue(text).build())
                                .putFields(
                                        "n",
                                        Value.newBuilder().setNumberValue(7).build())
                                .build())
                .build();
    }
}
