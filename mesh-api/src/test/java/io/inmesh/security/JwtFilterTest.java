package io.inmesh.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.filter.FilterPlan;
import io.inmesh.model.FilterConfig;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.JwtAuthentication;
import io.inmesh.model.JwtAuthentication.FilterStateRules;
import io.inmesh.model.JwtAuthentication.Rule;
import io.inmesh.model.JwtKeys;
import io.inmesh.model.JwtProvider;
import io.inmesh.model.JwtProvider.Cache;
import io.inmesh.model.JwtProvider.ClaimHeader;
import io.inmesh.model.JwtProvider.Forwarding;
import io.inmesh.model.JwtProvider.HeaderLocation;
import io.inmesh.model.JwtProvider.Lifetime;
import io.inmesh.model.JwtProvider.Locations;
import io.inmesh.model.JwtProvider.Metadata;
import io.inmesh.model.JwtRequirement;
import io.inmesh.model.JwtRequirement.AllOf;
import io.inmesh.model.JwtRequirement.AllowAll;
import io.inmesh.model.JwtRequirement.AllowMissing;
import io.inmesh.model.JwtRequirement.AllowMissingOrFailed;
import io.inmesh.model.JwtRequirement.AnyOf;
import io.inmesh.model.JwtRouteConfig;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.ValueMatcher;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole filter in a real chain. What is asked here beside the comparison with Envoy, Envoy 1.40 was asked by hand. */
class JwtFilterTest {
    private static final Tokens TOKENS = Tokens.INSTANCE;
    private static final JwtKeys KEYS = Providers.inline(TOKENS.jwks("ES256"));
    private static final String NAMESPACE = "envoy.filters.http.jwt_authn";

    private final HandScheduler time = new HandScheduler();
    private final JwtFilterFactory factory = new JwtFilterFactory(JwksFetcher.NONE, source -> false, time, time);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '!', textBlock = """
            {"iss":5}                | Jwt payload [iss] field is not a string
            {"iss":null}             | Jwt payload [iss] field is not a string
            {"iss":"j"}              | Jwt issuer is not configured
            {"iss":"i","sub":[]}     | Jwt payload [sub] field is not a string
            {"iss":"i","iat":"x"}    | Jwt payload [iat] field is not an integer
            {"iss":"i","iat":-1}     | Jwt payload [iat] field is not a positive 64 bit integer
            {"iss":"i","nbf":true}   | Jwt payload [nbf] field is not an integer
            {"iss":"i","nbf":1e20}   | Jwt payload [nbf] field is not a positive 64 bit integer
            {"iss":"i","exp":"1"}    | Jwt payload [exp] field is not an integer
            {"iss":"i","exp":-0.5}   | Jwt payload [exp] field is not a positive 64 bit integer
            {"iss":"i","jti":1}      | Jwt payload [jti] field is not a string
            {"iss":"i","aud":{}}     | Jwt payload [aud] field is not a string or string list
            {"iss":"i","aud":["a",1]}| Jwt payload [aud] field is not a string or string list
            {"iss":"i","exp":1}      | Jwt is expired
            {"iss":"i","nbf":9e9}    | Jwt not yet valid
            {"iss":"i"               | Jwt payload is an invalid JSON
            {"iss":"i"}}             | Jwt payload is an invalid JSON
            {'iss':'i'}              | Jwt payload is an invalid JSON
            {"iss":"i",}             | Jwt payload is an invalid JSON
            {"iss":"i","n":NaN}      | Jwt payload is an invalid JSON
            {"iss":"i","n":1e999}    | Jwt payload is an invalid JSON
            {"iss":"i","n":01}       | Jwt payload is an invalid JSON
            {"iss":"i","n":"\\ud800"}| Jwt payload is an invalid JSON
            """)
    void onRequest_badPayload_isAnsweredInEnvoysWords(String payload, String answer) {
        FilterTrial trial = ask(Providers.requiring(provider("i")), "/", TOKENS.token("ES256", payload));

        assertThat(trial.outcome()).isEqualTo("401 " + answer);
        assertThat(Objects.requireNonNull(trial.reply).details())
                .isEqualTo("jwt_authn_access_denied{" + answer.replace(' ', '_') + "}");
        assertThat(trial.reply.headers().get("www-authenticate"))
                .isEqualTo("Bearer realm=\"http://shop.example/\", error=\"invalid_token\"");
        assertThat(metadata(trial)).extractingByKey("f").extracting("message").isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '!', textBlock = """
            a.b            | Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections
            a.b.c.d        | Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections
            ***.e30.e30    | Jwt header is an invalid Base64url encoded
            e30=.e30.e30   | Jwt header [alg] field is required and must be a string
            e3.e30.e30     | Jwt header is an invalid JSON
            W10.e30.e30    | Jwt header is an invalid JSON
            """)
    void onRequest_badForm_isAnsweredInEnvoysWords(String token, String answer) {
        FilterTrial exact = FilterTrial.start(
                factory,
                Providers.requiring(withLocations(
                        new Locations(List.of(new HeaderLocation("x-t", "")), List.of(), List.of(), false))),
                "/",
                "x-t",
                token);
        assertThat(exact.outcome()).isEqualTo("401 " + answer);
    }

    @Test
    void onRequest_noToken_saysSoWithoutAnError() {
        FilterTrial trial = FilterTrial.start(factory, Providers.requiring(provider("i")), "/a?b=c");

        assertThat(trial.outcome()).isEqualTo("401 Jwt is missing");
        assertThat(Objects.requireNonNull(trial.reply).headers())
                .isEqualTo(Headers.of("www-authenticate", "Bearer realm=\"http://shop.example/a?b=c\""));
        assertThat(metadata(trial)).isEqualTo(Map.of("f", Map.of("code", 1.0, "message", "Jwt is missing")));
    }

    @Test
    void onRequest_longOrRewrittenPath_isTheRealmAsTheClientWroteIt() {
        String path = "/" + "p".repeat(300);
        FilterTrial trial = FilterTrial.start(
                factory,
                Providers.requiring(provider("i")),
                "/inner",
                "x-forwarded-proto",
                "https",
                "x-envoy-original-path",
                path);

        assertThat(Objects.requireNonNull(trial.reply).headers().get("www-authenticate"))
                .isEqualTo("Bearer realm=\"https://shop.example" + path.substring(0, 256) + "\"");
    }

    @Test
    void onRequest_stripFailureResponse_keepsTheReasonToItself() {
        JwtAuthentication open = Providers.requiring(provider("i"));
        JwtAuthentication strict =
                new JwtAuthentication(open.providers(), open.rules(), null, false, Map.of("n", Providers.P), true);

        FilterTrial trial = ask(strict, "/", "x");
        assertThat(trial.outcome()).isEqualTo("401 ");
        assertThat(Objects.requireNonNull(trial.reply).headers().size()).isZero();
        assertThat(trial.reply.details()).startsWith("jwt_authn_access_denied{Jwt_is_not_in");
        FilterTrial route = FilterTrial.start(FilterTrial.plan(factory, strict, new JwtRouteConfig("gone")), "/");
        assertThat(route.outcome()).isEqualTo("403 ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://shop.example/ | shop.example            | passed
            shop.example          | http://shop.example     | passed
            shop                  | other,http://shop/      | passed
            shop                  | shop/x                  | 403 Audiences in Jwt are not allowed
            shop                  | ''                      | 403 Audiences in Jwt are not allowed
            """)
    void onRequest_audience_isComparedWithoutSchemeAndSlash(String allowed, String claimed, String outcome) {
        JwtProvider provider = new JwtProvider(
                "",
                List.of(allowed),
                null,
                Lifetime.DEFAULT,
                KEYS,
                Locations.DEFAULT,
                Forwarding.NONE,
                Metadata.NONE,
                null);
        String list = Stream.of(claimed.split(","))
                .map(each -> "\"" + each + "\"")
                .reduce((a, b) -> a + "," + b)
                .orElse("");
        assertThat(ask(Providers.requiring(provider), "/", TOKENS.token("ES256", "{\"aud\":[" + list + "]}"))
                        .outcome())
                .isEqualTo(outcome);
    }

    @Test
    void onRequest_audiencesOfTheRequirement_takeThePlaceOfTheProviders() {
        JwtProvider provider = new JwtProvider(
                "",
                List.of("a"),
                null,
                Lifetime.DEFAULT,
                KEYS,
                Locations.DEFAULT,
                Forwarding.NONE,
                Metadata.NONE,
                null);
        JwtAuthentication config =
                Providers.requiring(Map.of("p", provider), new JwtRequirement.Provider("p", List.of("b")));
        assertThat(ask(config, "/", TOKENS.token("ES256", "{\"aud\":\"b\"}")).outcome())
                .isEqualTo("passed");
        assertThat(ask(config, "/", TOKENS.token("ES256", "{\"aud\":\"a\"}")).outcome())
                .startsWith("403");
    }

    static Stream<Arguments> lifetimes() {
        long now = new HandScheduler().instant().getEpochSecond();
        Lifetime skew5 = new Lifetime(false, null, 5);
        Lifetime required = new Lifetime(true, null, 60);
        Lifetime hour = new Lifetime(false, Duration.ofHours(1), 60);
        String fails = "401 Jwt verification fails";
        return Stream.of(
                Arguments.of(Lifetime.DEFAULT, "\"exp\":" + (now - 60), "passed"),
                Arguments.of(Lifetime.DEFAULT, "\"exp\":" + (now - 61), "401 Jwt is expired"),
                Arguments.of(Lifetime.DEFAULT, "\"nbf\":" + (now + 60), "passed"),
                Arguments.of(Lifetime.DEFAULT, "\"nbf\":" + (now + 61), "401 Jwt not yet valid"),
                Arguments.of(Lifetime.DEFAULT, "\"exp\":0", "passed"),
                Arguments.of(Lifetime.DEFAULT, "\"exp\":1.8e19", "passed"),
                Arguments.of(Lifetime.DEFAULT, "\"nbf\":1.8e19", "401 Jwt not yet valid"),
                Arguments.of(skew5, "\"exp\":" + (now - 5), "passed"),
                Arguments.of(skew5, "\"exp\":" + (now - 6), "401 Jwt is expired"),
                Arguments.of(required, "\"a\":1", fails),
                Arguments.of(required, "\"exp\":9e9", "passed"),
                Arguments.of(hour, "\"a\":1", fails),
                Arguments.of(hour, "\"exp\":" + (now + 3599), "passed"),
                Arguments.of(hour, "\"exp\":" + (now + 3600), fails));
    }

    @ParameterizedTest
    @MethodSource("lifetimes")
    void onRequest_times_areHeldToTheSecond(Lifetime lifetime, String claims, String outcome) {
        JwtProvider provider = new JwtProvider(
                "", List.of(), null, lifetime, KEYS, Locations.DEFAULT, Forwarding.NONE, Metadata.NONE, null);
        assertThat(ask(Providers.requiring(provider), "/", TOKENS.token("ES256", "{" + claims + "}"))
                        .outcome())
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"spiffe://td/a, passed", "spiffe://other/a, 401 Jwt verification fails"})
    void onRequest_subject_mustFulfilTheCondition(String subject, String outcome) {
        JwtProvider provider = new JwtProvider(
                "",
                List.of(),
                new StringMatcher.Prefix("spiffe://td/", false),
                Lifetime.DEFAULT,
                KEYS,
                Locations.DEFAULT,
                Forwarding.NONE,
                Metadata.NONE,
                null);
        assertThat(ask(Providers.requiring(provider), "/", TOKENS.token("ES256", "{\"sub\":\"" + subject + "\"}"))
                        .outcome())
                .isEqualTo(outcome);
    }

    @Test
    void onRequest_goodToken_isTakenOutAndItsClaimsAreLeftForLaterFilters() {
        JwtProvider provider = Providers.provider(
                "i",
                KEYS,
                Locations.DEFAULT,
                Forwarding.NONE,
                new Metadata("payload", List.of("scope", "n"), "header", ""));
        FilterTrial trial = ask(
                Providers.requiring(provider),
                "/",
                TOKENS.token("ES256", "{\"iss\":\"i\",\"scope\":\" read  write\",\"n\":5,\"groups\":[\"a\",\"b\"]}"));

        assertThat(trial.outcome()).isEqualTo("passed");
        assertThat(trial.head.headers().size()).isZero();
        assertThat(metadata(trial))
                .isEqualTo(Map.of(
                        "payload",
                        Map.of("iss", "i", "scope", List.of("read", "write"), "n", 5.0, "groups", List.of("a", "b")),
                        "header",
                        Map.of("alg", "ES256")));
        // As a principal of RBAC looks at it.
        MetadataMatcher group = new MetadataMatcher(
                NAMESPACE,
                List.of("payload", "groups"),
                new ValueMatcher.AnyElement(new ValueMatcher.Text(new StringMatcher.Exact("b", false))),
                false);
        assertThat(group.matches(trial.info.dynamicMetadata(NAMESPACE))).isTrue();
    }

    @Test
    void onRequest_headersOfTheMesh_areTakenFromTheClientAlways() {
        JwtAuthentication config = new JwtAuthentication(
                Map.of("p", forwarding("x-payload", new ClaimHeader("x-sub", "sub"))),
                List.of(new Rule(
                        new RouteMatch(
                                new PathMatcher.Prefix("/", true),
                                List.of(new HeaderMatcher("x-sub", new HeaderMatcher.Present(true), false, false)),
                                List.of(),
                                List.of(),
                                null,
                                false,
                                List.of(),
                                List.of()),
                        Providers.P)),
                null,
                true,
                Map.of(),
                false);
        String[] forged = {"x-sub", "admin", "X-Sub", "root", "x-payload", "e30", "x-other", "kept"};
        for (FilterPlan plan : List.of(
                FilterTrial.plan(factory, config), FilterTrial.plan(factory, config, new JwtRouteConfig(null)))) {
            // Before the rules are looked at, so that none of them matches by a forged header.
            FilterTrial trial = FilterTrial.start(plan, "/", forged);
            assertThat(trial.outcome()).isEqualTo("passed");
            assertThat(trial.head.headers()).isEqualTo(Headers.of("x-other", "kept"));
        }
        Headers preflight = Headers.of("origin", "o", "access-control-request-method", "GET", "x-sub", "admin");
        FilterTrial cors = FilterTrial.start(
                FilterTrial.plan(factory, config), new RequestHead("OPTIONS", "http", "shop.example", "/", preflight));
        assertThat(cors.head.headers().contains("x-sub")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '!', textBlock = """
            {"c":"text"}            | text
            {"c":5}                 | 5
            {"c":1.5}               | 1.500000
            {"c":-5}                | -5.000000
            {"c":-0.0000001}        | -0.000000
            {"c":1e20}              | 100000000000000000000.000000
            {"c":1e19}              | 10000000000000000000
            {"c":true}              | true
            {"c":["a",1,null]}      | WyJhIiwxLG51bGxd
            {"c":{"k":[1.5,"<"]}}   | eyJrIjpbMS41LCJcdTAwM2MiXX0=
            """)
    void onRequest_claimToHeader_isWrittenAsEnvoyWritesIt(String payload, String text) {
        FilterTrial trial = ask(
                Providers.requiring(forwarding("", new ClaimHeader("x-c", "c"))), "/", TOKENS.token("ES256", payload));
        assertThat(trial.outcome()).isEqualTo("passed");
        assertThat(trial.head.headers()).isEqualTo(Headers.of("x-c", text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"c\":null}", "{\"c\":\"\"}", "{\"d\":1}"})
    void onRequest_claimThatSaysNothing_isNoHeader(String payload) {
        FilterTrial trial = ask(
                Providers.requiring(forwarding("", new ClaimHeader("x-c", "c"))), "/", TOKENS.token("ES256", payload));
        assertThat(trial.head.headers().size()).isZero();
    }

    @Test
    void onRequest_nestedClaim_isFoundByItsPath() {
        FilterTrial trial = ask(
                Providers.requiring(forwarding("", new ClaimHeader("x-c", "a.b"))),
                "/",
                TOKENS.token("ES256", "{\"a.b\":\"flat\",\"a\":{\"b\":\"nested\"}}"));
        assertThat(trial.head.headers()).isEqualTo(Headers.of("x-c", "nested"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\r\\nx-admin: 1", "a\\nb", "a\\u0000b"})
    void onRequest_claimThatWouldWriteHeadersOfItsOwn_refusesTheRequest(String claim) {
        FilterTrial trial = ask(
                Providers.requiring(forwarding("", new ClaimHeader("x-c", "c"))),
                "/",
                TOKENS.token("ES256", "{\"c\":\"" + claim + "\"}"));
        assertThat(trial.outcome()).isEqualTo("503 invalid header value for: x-c");
        assertThat(trial.head.headers().contains("x-c")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"false, e30", "true, e30="})
    void onRequest_forwardPayloadHeader_isTheTokensSection(boolean pad, String value) {
        JwtProvider provider = Providers.provider(
                "", KEYS, Locations.DEFAULT, new Forwarding("x-payload", pad, List.of(), false), Metadata.NONE);
        FilterTrial trial = ask(Providers.requiring(provider), "/", TOKENS.token("ES256", "{}"));
        assertThat(trial.head.headers()).isEqualTo(Headers.of("x-payload", value));
    }

    @ParameterizedTest
    @CsvSource({"true, true, 1", "true, false, 0", "false, true, 0"})
    void onRequest_clearRouteCache_selectsTheRouteAgainOnceSomethingWasTold(
            boolean clear, boolean tells, int selected) {
        JwtProvider provider = Providers.provider(
                "",
                KEYS,
                Locations.DEFAULT,
                new Forwarding("", false, List.of(new ClaimHeader("x-c", tells ? "sub" : "gone")), clear),
                Metadata.NONE);
        assertThat(ask(Providers.requiring(provider), "/", TOKENS.token("ES256", "{\"sub\":\"s\"}")).routesSelected)
                .isEqualTo(selected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /?t=T                  | /
            /?a=1&t=T&b=%2F&c=x+y  | /?a=1&b=%2F&c=x+y
            /?%74=T&a              | /?a
            /?t=T&t=other          | /
            /?x=t&tt=1&t=T&        | /?x=t&tt=1&
            """)
    void onRequest_tokenInTheQuery_isTakenOutAndTheRestStays(String path, String left) {
        JwtProvider provider = withLocations(new Locations(List.of(), List.of("t"), List.of(), false));
        String token = TOKENS.token("ES256", "{}");
        FilterTrial trial = FilterTrial.start(factory, Providers.requiring(provider), path.replace("T", token));
        assertThat(trial.outcome()).isEqualTo("passed");
        assertThat(trial.head.path()).isEqualTo(left);
    }

    static Stream<Arguments> places() {
        String good = TOKENS.token("ES256", "{}");
        String bad = TOKENS.token("ES256", "{\"exp\":1}");
        String expired = "401 Jwt is expired";
        String form = "401 Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections";
        return Stream.of(
                place("prefix anywhere", "passed", "x-t", "abc pre, " + good),
                place("without the prefix", "401 Jwt is missing", "x-t", good),
                place("nothing behind the prefix", form, "x-t", "pre ***"),
                place("no prefix wanted", "passed", "x-u", good),
                place("each line must be good", expired, "x-u", good, "x-u", bad),
                place("each line must be good, the other way", expired, "x-u", bad, "x-u", good),
                place("each place must be good", expired, "x-t", "pre" + good, "x-u", bad),
                place("a cookie", "passed", "cookie", "a=b; ck=" + good + "; ck=zz"),
                place("a quoted cookie", "passed", "cookie", "a=b", "cookie", "ck=\"" + good + "\""),
                place("a place that is not one", "401 Jwt is missing", "authorization", "Bearer " + good));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("places")
    void onRequest_placesOfTokens_areThoseOfTheProvider(String name, String outcome, String[] headers) {
        JwtProvider provider = withLocations(new Locations(
                List.of(new HeaderLocation("x-t", "pre"), new HeaderLocation("x-u", "")),
                List.of(),
                List.of("ck"),
                false));
        FilterTrial trial = FilterTrial.start(factory, Providers.requiring(provider), "/", headers);
        assertThat(trial.outcome()).isEqualTo(outcome);
    }

    @Test
    void onRequest_twoAuthorizations_areOneBadToken() {
        String good = "Bearer " + TOKENS.token("ES256", "{}");
        FilterTrial trial = FilterTrial.start(
                factory, Providers.requiring(provider("")), "/", "authorization", good, "authorization", good);
        assertThat(trial.outcome()).startsWith("401 Jwt is not in the form");
    }

    static Stream<Arguments> trees() {
        JwtRequirement a = new JwtRequirement.Provider("a", List.of());
        JwtRequirement b = new JwtRequirement.Provider("b", List.of());
        AnyOf anyAb = new AnyOf(List.of(a, b));
        AnyOf orMissing = new AnyOf(List.of(a, new AllowMissing()));
        AnyOf orFailed = new AnyOf(List.of(a, new AllowMissingOrFailed()));
        String of = "{\"iss\":\"%s\"}";
        String expired = "{\"iss\":\"%s\",\"exp\":1}";
        String unknown = "401 Jwt issuer is not configured";
        String missing = "401 Jwt is missing";
        return Stream.of(
                Arguments.of(anyAb, null, missing),
                Arguments.of(anyAb, of.formatted("a"), "passed"),
                Arguments.of(anyAb, of.formatted("b"), "passed"),
                Arguments.of(anyAb, of.formatted("c"), unknown),
                Arguments.of(anyAb, expired.formatted("a"), "401 Jwt is expired"),
                Arguments.of(anyAb, expired.formatted("b"), "401 Jwt is expired"),
                Arguments.of(new AllOf(List.of(a, b)), of.formatted("a"), missing),
                Arguments.of(new AllOf(List.of(a, new AllowAll())), of.formatted("a"), "passed"),
                Arguments.of(new AllOf(List.of(new AllowAll(), b)), of.formatted("a"), unknown),
                Arguments.of(new AnyOf(List.of(a, new AllowAll())), expired.formatted("a"), "passed"),
                Arguments.of(orMissing, null, "passed"),
                Arguments.of(orMissing, of.formatted("b"), unknown),
                Arguments.of(orMissing, expired.formatted("a"), "401 Jwt is expired"),
                Arguments.of(orFailed, expired.formatted("a"), "passed"),
                Arguments.of(new AllowMissing(), null, "passed"),
                Arguments.of(new AllowMissing(), of.formatted("b"), "passed"),
                Arguments.of(new AllowMissing(), of.formatted("c"), unknown),
                Arguments.of(new AllowMissing(), expired.formatted("a"), "401 Jwt is expired"),
                Arguments.of(new AllowMissingOrFailed(), expired.formatted("a"), "passed"),
                Arguments.of(new AnyOf(List.of(new AllowMissing(), new AllowMissing())), null, "passed"),
                Arguments.of(new AllowAll(), expired.formatted("a"), "passed"));
    }

    @ParameterizedTest
    @MethodSource("trees")
    void onRequest_requirementTree_decidesAsEnvoy(
            JwtRequirement tree, @org.jspecify.annotations.Nullable String payload, String outcome) {
        JwtAuthentication config = Providers.requiring(Map.of("a", provider("a"), "b", provider("b")), tree);
        FilterTrial trial = payload == null
                ? FilterTrial.start(factory, config, "/")
                : ask(config, "/", TOKENS.token("ES256", payload));
        assertThat(trial.outcome()).isEqualTo(outcome);
    }

    @Test
    void onRequest_rules_theFirstThatMatchesDecidesAndThenTheFilterState() {
        JwtAuthentication config = new JwtAuthentication(
                Map.of("p", provider("")),
                List.of(
                        new Rule(RouteMatch.of(new PathMatcher.Exact("/open", true)), null),
                        new Rule(RouteMatch.prefix("/o"), Providers.P)),
                new FilterStateRules("state", Map.of("strict", Providers.P)),
                false,
                Map.of(),
                false);
        assertThat(FilterTrial.start(factory, config, "/open?x").outcome()).isEqualTo("passed");
        assertThat(FilterTrial.start(factory, config, "/open/x").outcome()).isEqualTo("401 Jwt is missing");
        assertThat(FilterTrial.start(factory, config, "/else").outcome()).isEqualTo("passed");
        assertThat(withState(config, "strict").outcome()).isEqualTo("401 Jwt is missing");
        assertThat(withState(config, "lax").outcome()).isEqualTo("passed");
    }

    private FilterTrial withState(JwtAuthentication config, String state) {
        FilterTrial trial = FilterTrial.of(
                FilterTrial.plan(factory, config),
                new RequestHead("GET", "http", "shop.example", "/else", new Headers()));
        trial.info.putFilterState("state", state);
        return trial.begin();
    }

    @Test
    void onRequest_route_takesThePlaceOfTheRules() {
        JwtAuthentication base = Providers.requiring(provider(""));
        JwtAuthentication config = new JwtAuthentication(
                base.providers(), List.of(), null, false, Map.of("n", Providers.P, "m", new AllowAll()), false);
        assertThat(route(base, null).outcome()).isEqualTo("passed");
        assertThat(route(config, "n").outcome()).isEqualTo("401 Jwt is missing");
        assertThat(route(config, "m").outcome()).isEqualTo("passed");
        FilterTrial gone = route(config, "gone");
        assertThat(gone.outcome())
                .isEqualTo("403 Failed JWT authentication: Wrong requirement_name: gone. It should be one of [m,n]");
        assertThat(Objects.requireNonNull(gone.reply).details())
                .isEqualTo("jwt_authn_access_denied{Wrong_requirement_name:_gone._It_should_be_one_of_[m,n]}");
    }

    private FilterTrial route(JwtAuthentication config, @org.jspecify.annotations.Nullable String name) {
        return FilterTrial.start(FilterTrial.plan(factory, config, new JwtRouteConfig(name)), "/");
    }

    @Test
    void create_whatCannotBeUsed_refusesEveryRequest() {
        JwtAuthentication strange = Providers.requiring(Map.of(), Providers.P);
        JwtAuthentication file = Providers.requiring(
                provider("", new JwtKeys.Local(new io.inmesh.model.DataSource.File("/etc/hostname", null))));
        JwtAuthentication variable = Providers.requiring(
                provider("", new JwtKeys.Local(new io.inmesh.model.DataSource.Environment("PATH"))));
        for (FilterConfig config : List.of(strange, file, variable, new JwtRouteConfig(null))) {
            assertThat(FilterTrial.start(FilterTrial.plan(factory, config), "/").outcome())
                    .isEqualTo("500 ");
        }
        FilterPlan wrongForm =
                FilterTrial.plan(factory, Providers.requiring(provider("")), Providers.requiring(provider("")));
        assertThat(FilterTrial.start(wrongForm, "/").outcome()).isEqualTo("500 ");
    }

    @Test
    void create_fileThatIsPermitted_isRead(@org.junit.jupiter.api.io.TempDir java.nio.file.Path folder)
            throws java.io.IOException {
        java.nio.file.Path file = java.nio.file.Files.writeString(folder.resolve("jwks"), TOKENS.jwks("ES256"));
        JwtFilterFactory permitting = new JwtFilterFactory(
                JwksFetcher.NONE,
                source -> source instanceof io.inmesh.model.DataSource.File named
                        && named.path().startsWith(folder.toString()),
                time,
                time);
        JwtAuthentication config = Providers.requiring(
                provider("", new JwtKeys.Local(new io.inmesh.model.DataSource.File(file.toString(), null))));
        assertThat(FilterTrial.start(permitting, config, "/", "authorization", "Bearer " + TOKENS.token("ES256", "{}"))
                        .outcome())
                .isEqualTo("passed");
    }

    @Test
    void onRequest_cachedToken_isStillHeldToItsTimes() {
        JwtProvider provider = new JwtProvider(
                "",
                List.of(),
                null,
                Lifetime.DEFAULT,
                KEYS,
                Locations.DEFAULT,
                Forwarding.NONE,
                Metadata.NONE,
                new Cache(10, 4096));
        FilterPlan plan = FilterTrial.plan(factory, Providers.requiring(provider));
        long exp = time.instant().getEpochSecond() + 30;
        String bearer = "Bearer " + TOKENS.token("ES256", "{\"exp\":" + exp + "}");
        assertThat(FilterTrial.start(plan, "/", "authorization", bearer).outcome())
                .isEqualTo("passed");
        assertThat(FilterTrial.start(plan, "/", "authorization", bearer).outcome())
                .isEqualTo("passed");
        time.advance(91_000);
        assertThat(FilterTrial.start(plan, "/", "authorization", bearer).outcome())
                .isEqualTo("401 Jwt is expired");
        assertThat(FilterTrial.start(plan, "/", "authorization", bearer + "x").outcome())
                .startsWith("401");
    }

    private FilterTrial ask(JwtAuthentication config, String path, String token) {
        return FilterTrial.start(factory, config, path, "authorization", "Bearer " + token);
    }

    private static JwtProvider provider(String issuer) {
        return provider(issuer, KEYS);
    }

    private static JwtProvider provider(String issuer, JwtKeys keys) {
        return Providers.provider(issuer, keys);
    }

    private static JwtProvider withLocations(Locations locations) {
        return Providers.provider("", KEYS, locations, Forwarding.NONE, Metadata.NONE);
    }

    private static JwtProvider forwarding(String payloadHeader, ClaimHeader claim) {
        return Providers.provider(
                "",
                KEYS,
                Locations.DEFAULT,
                new Forwarding(payloadHeader, false, List.of(claim), false),
                Metadata.NONE);
    }

    private static Arguments place(String name, String outcome, String... headers) {
        return Arguments.of(name, outcome, headers);
    }

    private static Map<String, Object> metadata(FilterTrial trial) {
        Map<String, Object> metadata = trial.info.dynamicMetadata(NAMESPACE);
        return metadata == null ? Map.of() : metadata;
    }
}
