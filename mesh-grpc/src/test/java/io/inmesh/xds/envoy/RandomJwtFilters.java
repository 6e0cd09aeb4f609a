package io.inmesh.xds.envoy;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.Empty;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtCacheConfig;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtHeader;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.ProviderWithAudiences;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;

/** Random JWT filters that Envoy accepts. */
final class RandomJwtFilters {
    /** The requirement that a route of each listener names. */
    static final String NAMED = "named";

    private final Draw draw;
    private final SigningKeys keys;

    RandomJwtFilters(Draw draw, SigningKeys keys) {
        this.draw = draw;
        this.keys = keys;
    }

    JwtAuthentication filter() {
        JwtAuthentication.Builder filter = JwtAuthentication.newBuilder();
        // Issuers are all different: of several providers with one, Envoy takes any.
        List<String> issuers = new ArrayList<>(List.of("ia", "ib", "ic", ""));
        List<String> names = new ArrayList<>();
        for (int i = draw.between(1, 4); i > 0; i--) {
            String name = "p" + i;
            names.add(name);
            filter.putProviders(name, provider(name, issuers.remove(draw.below(issuers.size()))));
        }
        filter.putRequirementMap(NAMED, requirement(names, 2));
        for (int i = draw.below(4); i > 0; i--) {
            filter.addRules(rule(names, match()));
        }
        if (draw.percent(85)) {
            filter.addRules(rule(names, RouteMatch.newBuilder().setPrefix("/").build()));
        }
        return filter.setBypassCorsPreflight(draw.percent(50))
                .setStripFailureResponse(draw.percent(10))
                .build();
    }

    private RequirementRule rule(List<String> names, RouteMatch match) {
        RequirementRule.Builder rule = RequirementRule.newBuilder().setMatch(match);
        if (draw.percent(10)) {
            return rule.build();
        }
        return draw.percent(15)
                ? rule.setRequirementName(NAMED).build()
                : rule.setRequires(requirement(names, 3)).build();
    }

    private RouteMatch match() {
        RouteMatch.Builder match = RouteMatch.newBuilder();
        switch (draw.below(4)) {
            case 0 -> match.setPath(draw.of("/a", "/a/b", "/named"));
            case 1 -> match.setSafeRegex(RegexMatcher.newBuilder().setRegex(draw.of("/[ab]", "/a.*", "/.*x")));
            case 2 -> match.setPathSeparatedPrefix(draw.of("/a", "/b", "/a/b"));
            default -> match.setPrefix(draw.of("/", "/a", "/b", "/A"));
        }
        if (draw.percent(30)) {
            match.setCaseSensitive(BoolValue.of(false));
        }
        if (draw.percent(20)) {
            match.addHeaders(HeaderMatcher.newBuilder()
                    .setName(draw.of("x-m", "x-claim-s", ":method"))
                    .setPresentMatch(true)
                    .setInvertMatch(draw.percent(30)));
        }
        if (draw.percent(20)) {
            match.addQueryParameters(QueryParameterMatcher.newBuilder()
                    .setName(draw.of("a", "z"))
                    .setPresentMatch(true));
        }
        return match.build();
    }

    private JwtRequirement requirement(List<String> names, int depth) {
        JwtRequirement.Builder requirement = JwtRequirement.newBuilder();
        int kind = draw.below(depth > 0 ? 12 : 7);
        switch (kind) {
            case 0, 1, 2 -> requirement.setProviderName(draw.of(names));
            case 3 ->
                requirement.setProviderAndAudiences(ProviderWithAudiences.newBuilder()
                        .setProviderName(draw.of(names))
                        .addAllAudiences(draw.percent(20) ? List.of() : List.of(draw.of("aud1", "https://aud2/"))));
            case 4 -> requirement.setAllowMissing(Empty.getDefaultInstance());
            case 5 -> requirement.setAllowMissingOrFailed(Empty.getDefaultInstance());
            case 6 -> {
                if (draw.percent(70)) {
                    requirement.setProviderName(draw.of(names));
                }
            }
            case 7, 8, 9 ->
                requirement.setRequiresAny(
                        JwtRequirementOrList.newBuilder().addAllRequirements(several(names, depth - 1)));
            default ->
                requirement.setRequiresAll(
                        JwtRequirementAndList.newBuilder().addAllRequirements(several(names, depth - 1)));
        }
        return requirement.build();
    }

    private List<JwtRequirement> several(List<String> names, int depth) {
        List<JwtRequirement> several = new ArrayList<>();
        for (int i = draw.between(2, 3); i > 0; i--) {
            several.add(requirement(names, depth));
        }
        return several;
    }

    private JwtProvider provider(String name, String issuer) {
        JwtProvider.Builder provider = JwtProvider.newBuilder()
                .setIssuer(issuer)
                .setLocalJwks(DataSource.newBuilder().setInlineString(jwks()))
                .setForward(draw.percent(40))
                .setRequireExpiration(draw.percent(10));
        if (draw.percent(30)) {
            provider.addAudiences(draw.of("aud1", "http://aud2", "aud3/"));
        }
        if (draw.percent(15)) {
            provider.setSubjects(StringMatcher.newBuilder().setPrefix(draw.of("ali", "spiffe://")));
        }
        if (draw.percent(15)) {
            provider.setMaxLifetime(Duration.newBuilder().setSeconds(7_200));
        }
        if (draw.percent(25)) {
            provider.setClockSkewSeconds(draw.of(10, 600));
        }
        if (draw.percent(30)) {
            provider.setJwtCacheConfig(JwtCacheConfig.newBuilder().setJwtCacheSize(draw.of(0, 2, 50)));
        }
        places(provider);
        told(name, provider);
        return provider.build();
    }

    private String jwks() {
        List<String> set = new ArrayList<>();
        for (String algorithm : SigningKeys.ALGORITHMS) {
            if (draw.percent(60)) {
                set.add(keys.jwk(algorithm, draw.percent(80), draw.percent(70)));
            }
        }
        set.add(keys.jwk("ES256", true, true));
        if (draw.percent(20)) {
            set.add("{\"kty\":\"unknown\"}");
        }
        return SigningKeys.jwks(set);
    }

    private void places(JwtProvider.Builder provider) {
        if (draw.percent(40)) {
            return;
        }
        if (draw.percent(40)) {
            provider.addFromHeaders(
                    JwtHeader.newBuilder().setName("Authorization").setValuePrefix("Bearer "));
        }
        if (draw.percent(40)) {
            provider.addFromHeaders(
                    JwtHeader.newBuilder().setName("X-Token").setValuePrefix(draw.of("", "", "pre", "Token:")));
        }
        if (draw.percent(40)) {
            provider.addFromParams(draw.of("access_token", "m"));
        }
        if (draw.percent(30)) {
            provider.addFromCookies("ck");
        }
    }

    private void told(String name, JwtProvider.Builder provider) {
        if (draw.percent(40)) {
            provider.setForwardPayloadHeader(draw.of("x-payload", "X-Payload-" + name))
                    .setPadForwardPayloadHeader(draw.percent(50));
        }
        if (draw.percent(60)) {
            provider.setPayloadInMetadata(draw.of("payload", name));
        }
        if (draw.percent(30)) {
            provider.setHeaderInMetadata(draw.of("header", name));
        }
        if (draw.percent(60)) {
            provider.setFailedStatusInMetadata(draw.of("failed", "failed-" + name));
        }
        if (draw.percent(40)) {
            provider.getNormalizePayloadInMetadataBuilder()
                    .addSpaceDelimitedClaims("scope")
                    .addSpaceDelimitedClaims("n");
        }
        for (String claim : List.of("s", "n", "b", "l", "o", "a.b", "sub")) {
            if (draw.percent(25)) {
                provider.addClaimToHeaders(JwtClaimToHeader.newBuilder()
                        .setHeaderName("x-claim-" + claim.replace('.', '-'))
                        .setClaimName(claim));
            }
        }
    }
}
