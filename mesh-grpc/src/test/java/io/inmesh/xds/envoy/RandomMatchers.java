package io.inmesh.xds.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent.DenominatorType;
import io.envoyproxy.envoy.type.v3.Int64Range;
import java.util.List;

/** Random conditions of routes, from few words, so that requests meet them often. */
final class RandomMatchers {
    static final List<String> TEMPLATES = List.of(
            "/{a}/{b}", "/api/{rest=**}", "/a/{x=*}/c", "/{a}.html", "/*/b", "/a/**", "/api/{v=v1/*}/{t}", "/{one}/");

    private static final List<String> REGEXES =
            List.of("/a.*", "/api/v[0-9]+(/.*)?", ".*b", "/(a|b)/.+", "(?i)/API.*", "/[^/]+", ".*\\.html", "");

    private final Draw draw;

    RandomMatchers(Draw draw) {
        this.draw = draw;
    }

    String path() {
        StringBuilder path = new StringBuilder();
        for (int i = draw.between(1, 3); i > 0; i--) {
            path.append('/').append(draw.of("a", "b", "c", "api", "v1", "A", "Api", "ab", "x.html", "a;v=1", "%61"));
        }
        return draw.percent(10) ? path.append('/').toString() : path.toString();
    }

    RouteMatch.Builder match() {
        RouteMatch.Builder match = RouteMatch.newBuilder();
        switch (draw.below(7)) {
            case 0, 1 -> match.setPrefix(draw.percent(30) ? "/" : draw.percent(5) ? "" : path());
            case 2 -> match.setPath(path());
            case 3 -> match.setPathSeparatedPrefix(path().replaceAll("/+$", ""));
            case 4 -> match.setSafeRegex(regex(draw.of(REGEXES)));
            case 5 ->
                match.setPathMatchPolicy(TypedExtensionConfig.newBuilder()
                        .setName("template")
                        .setTypedConfig(Any.pack(UriTemplateMatchConfig.newBuilder()
                                .setPathTemplate(draw.of(TEMPLATES))
                                .build())));
            default -> match.setPrefix("/");
        }
        if (draw.percent(25)) {
            match.setCaseSensitive(BoolValue.of(draw.percent(30)));
        }
        for (int i = draw.percent(40) ? draw.between(1, 2) : 0; i > 0; i--) {
            match.addHeaders(header());
        }
        for (int i = draw.percent(20) ? draw.between(1, 2) : 0; i > 0; i--) {
            match.addQueryParameters(queryParameter());
        }
        if (draw.percent(10)) {
            match.setRuntimeFraction(RuntimeFractionalPercent.newBuilder().setDefaultValue(fraction()));
        }
        if (draw.percent(5)) {
            match.setGrpc(RouteMatch.GrpcRouteMatchOptions.getDefaultInstance());
        }
        if (draw.percent(5)) {
            match.addDynamicMetadata(MetadataMatcher.newBuilder()
                    .setFilter("f")
                    .addPath(MetadataMatcher.PathSegment.newBuilder().setKey("k"))
                    .setValue(ValueMatcher.newBuilder().setStringMatch(string()))
                    .setInvert(draw.percent(60)));
        }
        return match;
    }

    /** None or all: what is between is left to chance and not to be compared. */
    private FractionalPercent fraction() {
        return draw.percent(50)
                ? FractionalPercent.newBuilder().setNumerator(draw.of(0, 100)).build()
                : FractionalPercent.newBuilder()
                        .setNumerator(draw.of(0, 1_000_000, 2_000_000))
                        .setDenominator(DenominatorType.MILLION)
                        .build();
    }

    HeaderMatcher header() {
        HeaderMatcher.Builder header = HeaderMatcher.newBuilder()
                .setName(draw.of("x-m", "X-N", "x-rep", ":method", ":path", ":authority", "user-agent", "host", "x-z"));
        switch (draw.below(8)) {
            case 0, 1, 2, 3 -> header.setStringMatch(string());
            case 4 ->
                header.setRangeMatch(
                        Int64Range.newBuilder().setStart(draw.of(-5, 0, 1)).setEnd(draw.of(2, 10)));
            case 5 -> header.setPresentMatch(draw.percent(60));
            case 6 -> deprecated(header);
            default -> {
                // No condition at all: being there is enough.
            }
        }
        return header.setInvertMatch(draw.percent(25))
                .setTreatMissingHeaderAsEmpty(draw.percent(20))
                .build();
    }

    @SuppressWarnings("deprecation") // control planes still send the old form
    private void deprecated(HeaderMatcher.Builder header) {
        switch (draw.below(5)) {
            case 0 -> header.setExactMatch(draw.of("1", "GET", "", "ua"));
            case 1 -> header.setPrefixMatch(draw.of("1", "a", "G", "/a"));
            case 2 -> header.setSuffixMatch(draw.of("1", "a", "T", "b"));
            case 3 -> header.setContainsMatch(draw.of("1", "a", ",", "/"));
            default -> header.setSafeRegexMatch(regex(draw.of("1.*", "[a-z]+", ".*")));
        }
    }

    private QueryParameterMatcher queryParameter() {
        QueryParameterMatcher.Builder parameter =
                QueryParameterMatcher.newBuilder().setName(draw.of("q", "r", "s"));
        return switch (draw.below(3)) {
            case 0 -> parameter.setPresentMatch(draw.percent(60)).build();
            case 1 -> parameter.setStringMatch(string()).build();
            default -> parameter.build();
        };
    }

    StringMatcher string() {
        StringMatcher.Builder string = StringMatcher.newBuilder();
        switch (draw.below(5)) {
            case 0 -> string.setExact(draw.of("1", "a", "abc", "GET", "PUT", "a.com", "1,2", "ua", "", "2"));
            case 1 -> string.setPrefix(draw.of("1", "a", "G", "/a", "/api", "www"));
            case 2 -> string.setSuffix(draw.of("1", "c", "T", "b", ".com", "2"));
            case 3 -> string.setContains(draw.of("1", "b", ",", "E", "api", "?"));
            default -> {
                return string.setSafeRegex(regex(draw.of("[0-9]+", "a.c", "(GET|PUT)", ".*com.*", "", "1,.*")))
                        .build();
            }
        }
        return string.setIgnoreCase(draw.percent(30)).build();
    }

    static RegexMatcher regex(String expression) {
        return RegexMatcher.newBuilder()
                .setRegex(expression.isEmpty() ? ".+" : expression)
                .build();
    }
}
