package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.LevelRules;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.PathMatcher;
import io.inmesh.model.Route;
import io.inmesh.model.RouteAction.Forward;
import io.inmesh.model.RouteMatch;
import io.inmesh.model.RouteMatch.CookieMatcher;
import io.inmesh.model.RouteMatch.FilterStateMatcher;
import io.inmesh.model.RouteMatch.Fraction;
import io.inmesh.model.RouteMatch.QueryParameterMatcher;
import io.inmesh.model.RouteTable;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.UriTemplate;
import io.inmesh.model.ValueMatcher;
import io.inmesh.model.VirtualHost;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteMatchTest {

    @ParameterizedTest
    @CsvSource({
        "exact:/a/b, /a/b, true",
        "exact:/a/b, /a/b?c=d, true",
        "exact:/a/b, /a/b/, false",
        "exact:/a/b, /A/b, false",
        "EXACT:/a/b, /A/B, true",
        "prefix:/a, /ab/c, true",
        "prefix:/a, /A, false",
        "PREFIX:/a, /Ab, true",
        "prefix:/a?, /a?b, false",
        "prefix:/, /?x, true",
        "separated:/a, /a, true",
        "separated:/a, /a/b, true",
        "separated:/a, /ab, false",
        "separated:/a, /a?b, true",
        "SEPARATED:/a, /A/b, true",
        "regex:/a+, /aaa?q, true",
        "regex:/a+, /aab, false",
        "regex:/a/b[0-9]+, /a/b12, true",
        "template:/x/{id}/y, /x/1/y, true",
        "template:/x/{id}/y, /x/1/2/y, false",
        "template:/x/{id}/y, /x//y, false",
        "template:/x/**, /x/1/2, true",
        "template:/x/*, /x/1, true",
        "template:/{a}.html, /index.html?q, true",
        "connect:, /, false"
    })
    void path_eachKind_matchesWithoutTheQuery(String path, String request, boolean expected) {
        assertThat(Requests.matches(RouteMatch.of(path(path)), Requests.get("h", request)))
                .isEqualTo(expected);
    }

    private static PathMatcher path(String text) {
        int colon = text.indexOf(':');
        String value = text.substring(colon + 1);
        return switch (text.substring(0, colon)) {
            case "exact" -> new PathMatcher.Exact(value, true);
            case "EXACT" -> new PathMatcher.Exact(value, false);
            case "prefix" -> new PathMatcher.Prefix(value, true);
            case "PREFIX" -> new PathMatcher.Prefix(value, false);
            case "separated" -> new PathMatcher.SeparatedPrefix(value, true);
            case "SEPARATED" -> new PathMatcher.SeparatedPrefix(value, false);
            case "regex" -> new PathMatcher.Regex(Pattern.compile(value));
            case "template" -> new PathMatcher.Template(UriTemplate.parse(value));
            default -> new PathMatcher.Connect();
        };
    }

    @Test
    void path_parametersIgnored_leavesThemOutOfEverySegment() {
        RouteTable table = new RouteTable(
                "t",
                List.of(VirtualHost.of(
                        "v",
                        List.of("*"),
                        Route.of("r", RouteMatch.of(new PathMatcher.Exact("/a/b", true)), Forward.to("c")))),
                LevelRules.NONE,
                false,
                true,
                false,
                0,
                Map.of());
        CompiledRoutes routes = CompiledRoutes.of(table);

        assertThat(routes.select(Requests.get("h", "/a;v=1/b;w?x"), new StreamInfo(), 0))
                .isNotNull();
        assertThat(routes.select(Requests.get("h", "/a/b?x;y/z"), new StreamInfo(), 0))
                .isNotNull();
    }

    /** Columns: condition, invert, missing counts as empty, the header's value (none: not there), matches. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "exact:v, false, false, v, true",
                "exact:v, false, false, V, false",
                "EXACT:v, false, false, V, true",
                "exact:v, true, false, w, true",
                "exact:v, true, false, none, false",
                "exact:v, true, true, none, true",
                "exact:, false, true, none, true",
                "prefix:ab, false, false, abc, true",
                "suffix:bc, false, false, abc, true",
                "suffix:abcd, false, false, abc, false",
                "SUFFIX:BC, false, false, abc, true",
                "contains:b, false, false, abc, true",
                "CONTAINS:B, false, false, abc, true",
                "regex:a.c, false, false, abc, true",
                "regex:a.c, false, false, abcd, false",
                "range:, false, false, 10, true",
                "range:, false, false, -10, true",
                "range:, false, false, 20, false",
                "range:, false, false, ten, false",
                "range:, true, false, ten, true",
                "present:true, false, false, x, true",
                "present:true, false, false, none, false",
                "present:false, false, false, none, true",
                "present:true, true, false, none, true",
                "present:false, true, false, x, true",
                "present:true, false, true, none, true",
            })
    void header_eachTest_asEnvoyDecides(
            String test, boolean invert, boolean missingAsEmpty, @Nullable String value, boolean expected) {
        HeaderMatcher matcher = new HeaderMatcher("x-h", test(test), invert, missingAsEmpty);
        RequestHead head = value == null ? Requests.get("h", "/") : Requests.get("h", "/", "x-h", value);

        assertThat(matcher.matches(head)).isEqualTo(expected);
    }

    private static HeaderMatcher.Test test(String text) {
        int colon = text.indexOf(':');
        String value = text.substring(colon + 1);
        return switch (text.substring(0, colon)) {
            case "range" -> new HeaderMatcher.Range(-10, 20);
            case "present" -> new HeaderMatcher.Present(Boolean.parseBoolean(value));
            case "exact" -> new HeaderMatcher.Text(new StringMatcher.Exact(value, false));
            case "EXACT" -> new HeaderMatcher.Text(new StringMatcher.Exact(value, true));
            case "prefix" -> new HeaderMatcher.Text(new StringMatcher.Prefix(value, false));
            case "suffix" -> new HeaderMatcher.Text(new StringMatcher.Suffix(value, false));
            case "SUFFIX" -> new HeaderMatcher.Text(new StringMatcher.Suffix(value, true));
            case "contains" -> new HeaderMatcher.Text(new StringMatcher.Contains(value, false));
            case "CONTAINS" -> new HeaderMatcher.Text(new StringMatcher.Contains(value, true));
            default -> new HeaderMatcher.Text(new StringMatcher.Regex(Pattern.compile(value)));
        };
    }

    @Test
    void header_repeatedAndPseudo_seeWhatEnvoySees() {
        RequestHead head = Requests.get("h:1", "/p?q", "x", "a", "y", "-", "x", "b");

        assertThat(HeaderMatcher.exact("x", "a").matches(head)).isTrue();
        assertThat(HeaderMatcher.exact("x", "b").matches(head)).isTrue();
        assertThat(HeaderMatcher.exact("x", "a,b").matches(head)).isFalse();
        assertThat(HeaderMatcher.exact("accept", "a,b").matches(Requests.get("h", "/", "accept", "a", "accept", "b")))
                .isTrue();
        assertThat(HeaderMatcher.exact(":method", "GET").matches(head)).isTrue();
        assertThat(HeaderMatcher.exact(":path", "/p?q").matches(head)).isTrue();
        assertThat(HeaderMatcher.exact(":authority", "h:1").matches(head)).isTrue();
        assertThat(HeaderMatcher.exact("host", "h:1").matches(head)).isTrue();
        assertThat(HeaderMatcher.exact(":scheme", "http").matches(head)).isTrue();
        assertThat(HeaderMatcher.exact(":protocol", "").matches(head)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "/p?a=1, a, 1, true, true",
                "/p?b=2&a=1, a, 1, true, true",
                "/p?a=1&a=2, a, 2, true, false",
                "/p?aa=1, a, 1, true, false",
                "/p?a, a, '', true, true",
                "/p?a=, a, none, true, true",
                "/p?a&b, b, none, true, true",
                "/p, a, none, true, false",
                "/p, a, none, false, true",
                "/p?a, a, none, false, false",
                "/p?x=a=1, x, a=1, true, true",
                "/p?a=%31, a, 1, true, false"
            })
    void queryParameter_eachTest_comparesTheFirstUndecoded(
            String path, String name, @Nullable String value, boolean present, boolean expected) {
        QueryParameterMatcher matcher =
                new QueryParameterMatcher(name, value == null ? null : new StringMatcher.Exact(value, false), present);

        assertThat(QueryString.matches(path, matcher)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "a=1, a, false, true",
                "b=2; a=1, a, false, true",
                "ba=1, a, false, false",
                "a=2; a=1, a, false, false",
                "a=\"1\", a, false, true",
                "b=1, a, true, true",
                "a=1, a, true, false"
            })
    void cookie_eachTest_comparesTheFirst(String line, String name, boolean invert, boolean expected) {
        CookieMatcher matcher =
                new CookieMatcher(name, new HeaderMatcher.Text(new StringMatcher.Exact("1", false)), invert, false);

        assertThat(Cookies.matches(Headers.of("cookie", line), matcher)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, true", "24, true", "25, false", "99, false", "124, true", "-1, true"})
    void fraction_randomNumber_isTakenModuloTheDenominator(long random, boolean expected) {
        // -1 is 18446744073709551615 without a sign, and 15 modulo 100.
        RouteMatch match = new RouteMatch(
                new PathMatcher.Prefix("/", true),
                List.of(),
                List.of(),
                List.of(),
                new Fraction(25, 100),
                false,
                List.of(),
                List.of());

        assertThat(Requests.matches(match, Requests.get("h", "/"), new StreamInfo(), random))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "application/grpc, true",
        "application/grpc+proto, true",
        "application/grpc-web, false",
        "application/json, false"
    })
    void grpcOnly_contentType_decides(String type, boolean expected) {
        RouteMatch match = new RouteMatch(
                new PathMatcher.Prefix("/", true), List.of(), List.of(), List.of(), null, true, List.of(), List.of());

        assertThat(Requests.matches(match, Requests.get("h", "/", "content-type", type)))
                .isEqualTo(expected);
    }

    @Test
    void metadataAndFilterState_leftByFilters_decide() {
        RouteMatch match = new RouteMatch(
                new PathMatcher.Prefix("/", true),
                List.of(),
                List.of(),
                List.of(),
                null,
                false,
                List.of(new MetadataMatcher(
                        "f", List.of("k"), new ValueMatcher.Text(new StringMatcher.Exact("v", false)), false)),
                List.of(new FilterStateMatcher("s", new StringMatcher.Prefix("x", false))));
        StreamInfo info = new StreamInfo();

        assertThat(Requests.matches(match, Requests.get("h", "/"), info, 0)).isFalse();
        info.putDynamicMetadata("f", "k", "v");
        assertThat(Requests.matches(match, Requests.get("h", "/"), info, 0)).isFalse();
        info.putFilterState("s", "xy");
        assertThat(Requests.matches(match, Requests.get("h", "/"), info, 0)).isTrue();
    }

    @Test
    void explain_noRouteMatches_namesEachConditionThatFailed() {
        CompiledRoutes routes = Requests.routes(
                Route.of("first", RouteMatch.prefix("/x"), Forward.to("c")),
                Route.of(
                        "second",
                        new RouteMatch(
                                new PathMatcher.Prefix("/", true),
                                List.of(HeaderMatcher.exact("x-h", "1")),
                                List.of(),
                                List.of(),
                                null,
                                false,
                                List.of(),
                                List.of()),
                        Forward.to("c")));

        assertThat(routes.explain(Requests.get("h", "/y"), new StreamInfo(), 0))
                .hasToString("virtual host all by domain *, no route matches "
                        + "(first: path does not match; second: x-h does not match)");
        assertThat(routes.explain(Requests.get("h", "/y", "x-h", "1"), new StreamInfo(), 0))
                .hasToString("virtual host all by domain *, route second");
    }
}
