package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.rbac.v3.MetadataSource;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.rbac.v3.SourcedMetadata;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.type.matcher.v3.DoubleMatcher;
import io.envoyproxy.envoy.type.matcher.v3.FilterStateMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ListMatcher;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.OrMatcher;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.envoyproxy.envoy.type.v3.DoubleRange;
import io.envoyproxy.envoy.type.v3.Int32Range;
import java.util.List;
import java.util.Locale;

/** Random rules of RBAC, from few words, so that requests meet them often. */
final class RandomPolicies {
    static final List<String> PATHS =
            List.of("/a", "/a/b", "/api", "/api/v1", "/api/v1/x", "/A/b", "/x.html", "/b/b", "/admin;v=1", "/one/");

    private static final List<String> NAMES =
            List.of("p", "a", "ns[default]-policy[b]-rule[0]", "B", "no one at all", "p2", "\u00e4");

    private final Draw draw;
    private final RandomMatchers matchers;
    private final RandomTrees trees;

    RandomPolicies(Draw draw) {
        this.draw = draw;
        matchers = new RandomMatchers(draw);
        trees = new RandomTrees(draw);
    }

    RBACPerRoute ofRoute() {
        RBACPerRoute.Builder route = RBACPerRoute.newBuilder();
        if (draw.percent(3)) {
            return route.build();
        }
        if (draw.percent(55)) {
            route.getRbacBuilder().setRules(rules());
        }
        if (!route.getRbac().hasRules() ? draw.percent(92) : draw.percent(5)) {
            route.getRbacBuilder().setMatcher(trees.tree(2));
        }
        if (draw.percent(25)) {
            route.getRbacBuilder().setShadowRules(rules());
        } else if (draw.percent(20)) {
            route.getRbacBuilder().setShadowMatcher(trees.tree(2));
        }
        return route.build();
    }

    private RBAC rules() {
        RBAC.Builder rules = RBAC.newBuilder()
                .setAction(draw.of(RBAC.Action.ALLOW, RBAC.Action.ALLOW, RBAC.Action.DENY, RBAC.Action.LOG));
        for (int i = draw.percent(8) ? 0 : draw.between(1, 4); i > 0; i--) {
            rules.putPolicies(draw.of(NAMES), policy());
        }
        return rules.build();
    }

    private Policy policy() {
        Policy.Builder policy = Policy.newBuilder();
        for (int i = draw.between(1, 2); i > 0; i--) {
            policy.addPermissions(permission(3));
        }
        for (int i = draw.between(1, 2); i > 0; i--) {
            policy.addPrincipals(principal(3));
        }
        return policy.build();
    }

    @SuppressWarnings("deprecation") // control planes still send metadata
    private Permission permission(int depth) {
        Permission.Builder permission = Permission.newBuilder();
        switch (draw.below(depth > 0 ? 16 : 12)) {
            case 0, 1 -> permission.setAny(true);
            case 2, 3 -> permission.setHeader(matchers.header());
            case 4 -> permission.setUrlPath(path());
            case 5 ->
                permission.setUriTemplate(TypedExtensionConfig.newBuilder()
                        .setName("template")
                        .setTypedConfig(Any.pack(UriTemplateMatchConfig.newBuilder()
                                .setPathTemplate(draw.of(RandomMatchers.TEMPLATES))
                                .build())));
            case 6 -> permission.setDestinationIp(range("127.0.0.1", "127.0.0.9", "10.0.0.0", "::1"));
            case 7 -> permission.setDestinationPort(draw.of(80, 0, 65_535));
            case 8 ->
                permission.setDestinationPortRange(Int32Range.newBuilder()
                        .setStart(draw.of(0, 1, 30_000, 40_000))
                        .setEnd(draw.of(45_000, 50_000, 65_536)));
            case 9 -> permission.setMetadata(metadata("m"));
            case 10 -> permission.setSourcedMetadata(sourced());
            case 11 -> permission.setRequestedServerName(text(Caller.SERVER_NAMES));
            case 12, 13 ->
                permission.setAndRules(Permission.Set.newBuilder()
                        .addRules(permission(depth - 1))
                        .addRules(permission(depth - 1)));
            case 14 ->
                permission.setOrRules(Permission.Set.newBuilder()
                        .addRules(permission(depth - 1))
                        .addRules(permission(depth - 1)));
            default -> permission.setNotRule(permission(depth - 1));
        }
        return permission.build();
    }

    @SuppressWarnings("deprecation") // control planes still send metadata and source_ip
    private Principal principal(int depth) {
        Principal.Builder principal = Principal.newBuilder();
        switch (draw.below(depth > 0 ? 18 : 14)) {
            case 0, 1 -> principal.setAny(true);
            case 2 -> principal.setAuthenticated(Principal.Authenticated.getDefaultInstance());
            case 3, 4, 5 ->
                principal.setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name()));
            case 6 -> principal.setSourceIp(range("127.0.0.1", "127.0.0.2", "127.1.0.0"));
            case 7 -> principal.setDirectRemoteIp(range("127.0.0.1", "127.0.0.2", "127.1.0.0"));
            case 8 -> principal.setRemoteIp(range("127.0.0.1", "10.1.2.3", "2001:db8::1"));
            case 9 -> principal.setHeader(matchers.header());
            case 10 -> principal.setUrlPath(path());
            case 11 -> principal.setMetadata(metadata("m"));
            case 12 -> principal.setSourcedMetadata(sourced());
            case 13 ->
                principal.setFilterState(FilterStateMatcher.newBuilder()
                        .setKey(draw.of("who", "who", "gone"))
                        .setStringMatch(text(List.of("web", "api"))));
            case 14, 15 ->
                principal.setAndIds(
                        Principal.Set.newBuilder().addIds(principal(depth - 1)).addIds(principal(depth - 1)));
            case 16 ->
                principal.setOrIds(
                        Principal.Set.newBuilder().addIds(principal(depth - 1)).addIds(principal(depth - 1)));
            default -> principal.setNotId(principal(depth - 1));
        }
        return principal.build();
    }

    private PathMatcher path() {
        return PathMatcher.newBuilder().setPath(text(PATHS)).build();
    }

    private StringMatcher name() {
        return text(draw.of(List.of(Caller.URIS, Caller.URIS, Caller.DNS_NAMES, Caller.SUBJECTS)));
    }

    private StringMatcher text(List<String> words) {
        return text(draw, words);
    }

    /** A condition on a text that may be one of these words. */
    static StringMatcher text(Draw draw, List<String> words) {
        String word = draw.of(words);
        int cut = draw.between(1, word.length());
        StringMatcher.Builder text = StringMatcher.newBuilder();
        switch (draw.below(7)) {
            case 0, 1, 2 -> text.setExact(draw.percent(4) ? "" : cased(draw, word));
            case 3 -> text.setPrefix(cased(draw, word.substring(0, cut)));
            case 4 -> text.setSuffix(cased(draw, word.substring(word.length() - cut)));
            case 5 -> text.setContains(cased(draw, word.substring(cut - 1, draw.between(cut, word.length()))));
            default -> {
                return text.setSafeRegex(RandomMatchers.regex(draw.of(
                                ".*",
                                ".+",
                                ".*" + escaped(word.substring(cut - 1)),
                                escaped(word) + ".*",
                                ".*/ns/a/.*",
                                "[a-z]+.*")))
                        .build();
            }
        }
        return text.setIgnoreCase(draw.percent(25)).build();
    }

    private static String cased(Draw draw, String word) {
        return draw.percent(15) ? word.toUpperCase(Locale.ROOT) : word;
    }

    private static String escaped(String word) {
        return word.replaceAll("[.*]", "\\\\$0");
    }

    private CidrRange range(String... addresses) {
        return range(draw, addresses);
    }

    /** A range around one of these addresses. */
    static CidrRange range(Draw draw, String... addresses) {
        return CidrRange.newBuilder()
                .setAddressPrefix(draw.of(addresses))
                .setPrefixLen(UInt32Value.of(draw.of(32, 32, 24, 16, 8, 0, 128)))
                .build();
    }

    private SourcedMetadata sourced() {
        MetadataSource source = draw.of(MetadataSource.DYNAMIC, MetadataSource.ROUTE);
        return SourcedMetadata.newBuilder()
                .setMetadataSource(source)
                .setMetadataMatcher(metadata(source == MetadataSource.ROUTE ? "of-route" : "m"))
                .build();
    }

    private MetadataMatcher metadata(String filter) {
        MetadataMatcher.Builder matcher = MetadataMatcher.newBuilder()
                .setFilter(draw.percent(90) ? filter : "gone")
                .addPath(MetadataMatcher.PathSegment.newBuilder().setKey(draw.of("k", "list", "n", "tree", "flag")));
        if (draw.percent(20)) {
            matcher.addPath(MetadataMatcher.PathSegment.newBuilder().setKey("k"));
        }
        return matcher.setValue(value(draw, 1)).setInvert(draw.percent(25)).build();
    }

    /** A condition on a value. */
    static ValueMatcher value(Draw draw, int depth) {
        ValueMatcher.Builder value = ValueMatcher.newBuilder();
        switch (draw.below(depth > 0 ? 8 : 6)) {
            case 0, 1 -> value.setStringMatch(text(draw, List.of("core", "ops", "v")));
            case 2 ->
                value.setDoubleMatch(
                        draw.percent(40)
                                ? DoubleMatcher.newBuilder().setExact(draw.of(7, 8))
                                : DoubleMatcher.newBuilder()
                                        .setRange(DoubleRange.newBuilder()
                                                .setStart(draw.of(0, 7))
                                                .setEnd(draw.of(7, 9))));
            case 3 -> value.setBoolMatch(draw.percent(50));
            case 4 -> value.setPresentMatch(draw.percent(70));
            case 5 -> value.setNullMatch(ValueMatcher.NullMatch.getDefaultInstance());
            case 6 -> value.setListMatch(ListMatcher.newBuilder().setOneOf(value(draw, depth - 1)));
            default ->
                value.setOrMatch(OrMatcher.newBuilder()
                        .addValueMatchers(value(draw, depth - 1))
                        .addValueMatchers(value(draw, depth - 1)));
        }
        return value.build();
    }
}
