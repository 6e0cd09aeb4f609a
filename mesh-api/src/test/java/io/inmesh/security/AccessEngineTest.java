package io.inmesh.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.re2j.Pattern;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.AccessCondition;
import io.inmesh.model.AccessRules;
import io.inmesh.model.AccessRules.Action;
import io.inmesh.model.AccessRules.Policies;
import io.inmesh.model.AccessRules.Policy;
import io.inmesh.model.CidrRange;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.RouteMatch.FilterStateMatcher;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.UriTemplate;
import io.inmesh.model.ValueMatcher;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AccessEngineTest {
    private static final String WEB = "spiffe://mesh/ns/a/sa/web";
    private static final AccessCondition ANY = new AccessCondition.Any();

    static Stream<Arguments> actions() {
        return Stream.of(
                arguments(Action.ALLOW, List.of(), false, "", null),
                arguments(Action.ALLOW, List.of("/x"), false, "", null),
                arguments(Action.ALLOW, List.of("/"), true, "/", null),
                arguments(Action.DENY, List.of(), true, "", null),
                arguments(Action.DENY, List.of("/x"), true, "", null),
                arguments(Action.DENY, List.of("/"), false, "/", null),
                arguments(Action.LOG, List.of(), true, "", false),
                arguments(Action.LOG, List.of("/x"), true, "", false),
                arguments(Action.LOG, List.of("/"), true, "/", true),
                // In the order of their names, not in that of the configuration.
                arguments(Action.ALLOW, List.of("/api", "/"), true, "/", null),
                arguments(Action.ALLOW, List.of("/api/v", "/api", "/x"), true, "/api", null));
    }

    @ParameterizedTest
    @MethodSource("actions")
    void decide_policiesOfAnAction_followEnvoysTable(
            Action action, List<String> prefixes, boolean allowed, String policy, @Nullable Boolean hint) {
        List<Policy> policies = prefixes.stream()
                .map(prefix -> new Policy(prefix, List.of(path(prefix)), List.of(ANY)))
                .toList();

        AccessVerdict verdict = AccessEngine.compile(new Policies(action, policies))
                .decide(Facts.request("GET", "/api/v1"), Facts.on(null));

        assertThat(verdict.allowed()).isEqualTo(allowed);
        assertThat(verdict.policy()).isEqualTo(policy);
        assertThat(verdict.accessLogHint()).isEqualTo(hint);
        assertThat(verdict.denialDetails())
                .isEqualTo("rbac_access_denied_matched_policy[" + (policy.isEmpty() ? "none" : policy) + "]");
    }

    @Test
    void policies_ofAnyNames_areInTheOrderOfTheirBytes() {
        Policies policies = new Policies(
                Action.ALLOW,
                Stream.of("\ud83d\ude00", "b", "a[1]", "\uffff", "a[0]", "B")
                        .map(name -> new Policy(name, List.of(ANY), List.of(ANY)))
                        .toList());

        assertThat(policies.policies())
                .extracting(Policy::name)
                .containsExactly("B", "a[0]", "a[1]", "b", "\uffff", "\ud83d\ude00");
    }

    @Test
    void denialDetails_nameWithSpaces_hasNoneInTheLog() {
        Policies policies =
                new Policies(Action.DENY, List.of(new Policy("no one\tat all", List.of(ANY), List.of(ANY))));

        assertThat(AccessEngine.compile(policies).decide(null, Facts.on(null)).denialDetails())
                .isEqualTo("rbac_access_denied_matched_policy[no_one_at_all]");
    }

    @Test
    void decide_rulesThatCannotBeEvaluated_refusesAll() {
        AccessVerdict verdict = AccessEngine.compile(new AccessRules.Unusable("condition: CEL"))
                .decide(Facts.request("GET", "/"), Facts.on(null));

        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.denialDetails()).isEqualTo("rbac_access_denied_matched_policy[none]");
    }

    static Stream<Arguments> conditions() {
        RequestHead request = Facts.request("GET", "/api/v1?x=/admin#/top", "x-team", "core", "x-team", "ops");
        StreamInfo plain = Facts.on(null);
        StreamInfo encrypted = Facts.on(Facts.tls(null));
        StreamInfo mutual = Facts.on(Facts.tls(Facts.peer(List.of("kuma://x/y", WEB), List.of("web.dns"), "CN=web")));
        StreamInfo unverified = Facts.on(Facts.tls(Facts.unverified(List.of(WEB))));
        StreamInfo proxied = Facts.on(null);
        proxied.remoteAddress(Facts.address("2001:db8::1"));
        StreamInfo rich = Facts.on(null);
        rich.putDynamicMetadata("jwt", "payload", Map.of("groups", List.of("core"), "iss", "me"));
        rich.putFilterState("who", "web");
        rich.route("r", Map.of("f", Map.of("k", "v")), Map.of());
        MetadataMatcher issuer = metadata("jwt", List.of("payload", "iss"), "me", false);
        MetadataMatcher otherIssuer = metadata("jwt", List.of("payload", "iss"), "you", true);
        MetadataMatcher ofRoute = metadata("f", List.of("k"), "v", false);
        AccessCondition team = header("x-team", "ops");
        AccessCondition noToken =
                new AccessCondition.Header(new HeaderMatcher("x-token", new HeaderMatcher.Present(true), true, false));
        return Stream.of(
                arguments(ANY, null, plain, true),
                arguments(new AccessCondition.Not(ANY), request, plain, false),
                arguments(new AccessCondition.AllOf(List.of(ANY, path("/api"))), request, plain, true),
                arguments(new AccessCondition.AllOf(List.of(ANY, path("/b"))), request, plain, false),
                arguments(new AccessCondition.AnyOf(List.of(path("/a"), path("/b"))), request, plain, true),
                arguments(new AccessCondition.AnyOf(List.of(path("/c"), path("/b"))), request, plain, false),
                arguments(team, request, plain, true),
                arguments(team, null, plain, false),
                arguments(noToken, request, plain, true),
                // Envoy gives a connection an empty head, on which a condition on absence holds.
                arguments(noToken, null, plain, true),
                arguments(new AccessCondition.UrlPath(exact("/api/v1")), request, plain, true),
                arguments(
                        new AccessCondition.UrlPath(new StringMatcher.Contains("admin", false)), request, plain, false),
                arguments(new AccessCondition.UrlPath(new StringMatcher.Suffix("V1", true)), request, plain, true),
                arguments(path("/"), null, plain, false),
                arguments(template("/api/{v}"), request, plain, true),
                arguments(template("/api"), request, plain, false),
                arguments(template("/{rest=**}"), null, plain, false),
                arguments(ip(AccessCondition.Address.PEER, "10.0.0.0", 8), request, plain, true),
                arguments(ip(AccessCondition.Address.PEER, "10.9.0.0", 16), request, plain, false),
                arguments(ip(AccessCondition.Address.DESTINATION, "10.9.0.0", 16), null, plain, true),
                arguments(ip(AccessCondition.Address.REMOTE, "10.1.0.0", 16), request, plain, true),
                arguments(ip(AccessCondition.Address.REMOTE, "10.1.0.0", 16), request, proxied, false),
                arguments(ip(AccessCondition.Address.REMOTE, "2001:db8::", 32), request, proxied, true),
                arguments(ip(AccessCondition.Address.PEER, "10.1.0.0", 16), request, proxied, true),
                arguments(ip(AccessCondition.Address.PEER, "0.0.0.0", 0), request, new StreamInfo(), false),
                arguments(new AccessCondition.DestinationPort(8080, 8081), null, plain, true),
                arguments(new AccessCondition.DestinationPort(8000, 8080), request, plain, false),
                arguments(new AccessCondition.DestinationPort(0, 65536), request, new StreamInfo(), false),
                arguments(new AccessCondition.ServerName(exact("sni.local")), null, encrypted, true),
                arguments(new AccessCondition.ServerName(exact("sni.local")), request, plain, false),
                arguments(new AccessCondition.ServerName(exact("")), request, plain, true),
                arguments(new AccessCondition.DynamicMetadata(issuer), request, rich, true),
                arguments(new AccessCondition.DynamicMetadata(issuer), request, plain, false),
                arguments(new AccessCondition.DynamicMetadata(otherIssuer), request, plain, true),
                arguments(new AccessCondition.RouteMetadata(ofRoute), request, rich, true),
                arguments(new AccessCondition.RouteMetadata(ofRoute), request, plain, false),
                arguments(
                        new AccessCondition.FilterState(new FilterStateMatcher("who", exact("web"))), null, rich, true),
                arguments(
                        new AccessCondition.FilterState(new FilterStateMatcher("what", exact("web"))),
                        request,
                        rich,
                        false),
                arguments(new AccessCondition.Authenticated(null), request, plain, false),
                arguments(new AccessCondition.Authenticated(null), request, encrypted, true),
                arguments(authenticated(WEB), null, mutual, true),
                arguments(authenticated("web.dns"), request, mutual, true),
                arguments(authenticated("CN=web"), request, mutual, true),
                arguments(authenticated("web"), request, mutual, false),
                arguments(authenticated(WEB), request, encrypted, false),
                // Envoy believes it where it is told to take such certificates, which anybody makes for himself.
                arguments(authenticated(WEB), request, unverified, false),
                arguments(authenticated(""), request, unverified, true),
                arguments(new AccessCondition.Authenticated(null), request, unverified, true),
                arguments(authenticated(""), request, encrypted, true),
                arguments(authenticated(""), request, plain, false),
                arguments(
                        new AccessCondition.Authenticated(StringMatcher.regex(Pattern.compile(".*/ns/a/.*"))),
                        request,
                        mutual,
                        true));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void decide_condition_holdsAsInEnvoy(
            AccessCondition condition, @Nullable RequestHead head, StreamInfo info, boolean holds) {
        Policies asPermission = new Policies(Action.ALLOW, List.of(new Policy("p", List.of(condition), List.of(ANY))));
        Policies asPrincipal = new Policies(Action.ALLOW, List.of(new Policy("p", List.of(ANY), List.of(condition))));

        assertThat(AccessEngine.compile(asPermission).decide(head, info).allowed())
                .isEqualTo(holds);
        assertThat(AccessEngine.compile(asPrincipal).decide(head, info).allowed())
                .isEqualTo(holds);
    }

    private static AccessCondition path(String prefix) {
        return new AccessCondition.UrlPath(new StringMatcher.Prefix(prefix, false));
    }

    private static AccessCondition template(String text) {
        return new AccessCondition.UrlTemplate(UriTemplate.parse(text));
    }

    private static AccessCondition header(String name, String value) {
        return new AccessCondition.Header(HeaderMatcher.exact(name, value));
    }

    private static AccessCondition authenticated(String name) {
        return new AccessCondition.Authenticated(exact(name));
    }

    private static AccessCondition ip(AccessCondition.Address which, String address, int bits) {
        return new AccessCondition.Ip(which, Objects.requireNonNull(CidrRange.of(address, bits)));
    }

    private static StringMatcher exact(String value) {
        return new StringMatcher.Exact(value, false);
    }

    private static MetadataMatcher metadata(String filter, List<String> path, String value, boolean invert) {
        return new MetadataMatcher(filter, path, new ValueMatcher.Text(exact(value)), invert);
    }
}
