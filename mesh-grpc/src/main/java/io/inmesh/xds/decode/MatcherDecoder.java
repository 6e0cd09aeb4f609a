package io.inmesh.xds.decode;

import com.google.re2j.Pattern;
import io.envoyproxy.envoy.type.matcher.v3.FilterStateMatcher;
import io.inmesh.exchange.IpAddress;
import io.inmesh.model.CidrRange;
import io.inmesh.model.HeaderMatcher;
import io.inmesh.model.MetadataMatcher;
import io.inmesh.model.RegexRewrite;
import io.inmesh.model.RouteMatch.ObjectTest;
import io.inmesh.model.RouteMatch.QueryParameterMatcher;
import io.inmesh.model.StringMatcher;
import io.inmesh.model.ValueMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Matchers of texts, headers, query parameters, metadata. */
final class MatcherDecoder {
    private static final String WHOLE_MATCH = "\\0";

    private MatcherDecoder() {}

    static StringMatcher string(io.envoyproxy.envoy.type.matcher.v3.StringMatcher matcher, String path) {
        boolean ignoreCase = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> new StringMatcher.Exact(matcher.getExact(), ignoreCase);
            case PREFIX -> new StringMatcher.Prefix(matcher.getPrefix(), ignoreCase);
            case SUFFIX -> new StringMatcher.Suffix(matcher.getSuffix(), ignoreCase);
            case CONTAINS -> new StringMatcher.Contains(matcher.getContains(), ignoreCase);
            case SAFE_REGEX ->
                StringMatcher.regex(Values.regex(matcher.getSafeRegex().getRegex(), path + ".safe_regex.regex"));
            case CUSTOM, MATCHPATTERN_NOT_SET ->
                throw new BadResourceException(path, "has a kind of matcher that this data plane cannot evaluate");
        };
    }

    /** The same of the unified matcher. */
    static StringMatcher string(com.github.xds.type.matcher.v3.StringMatcher matcher, String path) {
        boolean ignoreCase = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> new StringMatcher.Exact(matcher.getExact(), ignoreCase);
            case PREFIX -> new StringMatcher.Prefix(matcher.getPrefix(), ignoreCase);
            case SUFFIX -> new StringMatcher.Suffix(matcher.getSuffix(), ignoreCase);
            case CONTAINS -> new StringMatcher.Contains(matcher.getContains(), ignoreCase);
            case SAFE_REGEX ->
                StringMatcher.regex(Values.regex(matcher.getSafeRegex().getRegex(), path + ".safe_regex.regex"));
            case CUSTOM, MATCHPATTERN_NOT_SET ->
                throw new BadResourceException(path, "has a kind of matcher that this data plane cannot evaluate");
        };
    }

    /** A range of addresses; a prefix that is longer than an address is cut, as in Envoy. */
    static CidrRange range(String addressPrefix, int prefixLength, String path) {
        IpAddress address = IpAddress.parse(addressPrefix);
        if (address == null) {
            throw new BadResourceException(path + ".address_prefix", "is not an IP address: " + addressPrefix);
        }
        return new CidrRange(address, Math.min(prefixLength, address.v4() ? 32 : 128));
    }

    static HeaderMatcher header(io.envoyproxy.envoy.config.route.v3.HeaderMatcher matcher, String path) {
        return new HeaderMatcher(
                matcher.getName().toLowerCase(Locale.ROOT),
                headerTest(matcher, path),
                matcher.getInvertMatch(),
                matcher.getTreatMissingHeaderAsEmpty());
    }

    @SuppressWarnings("deprecation") // control planes still send the forms before string_match
    private static HeaderMatcher.Test headerTest(
            io.envoyproxy.envoy.config.route.v3.HeaderMatcher matcher, String path) {
        return switch (matcher.getHeaderMatchSpecifierCase()) {
            // Real Envoy takes an empty exact_match for any value.
            case EXACT_MATCH ->
                new HeaderMatcher.Text(
                        matcher.getExactMatch().isEmpty()
                                ? new StringMatcher.Prefix("", false)
                                : new StringMatcher.Exact(matcher.getExactMatch(), false));
            case PREFIX_MATCH -> new HeaderMatcher.Text(new StringMatcher.Prefix(matcher.getPrefixMatch(), false));
            case SUFFIX_MATCH -> new HeaderMatcher.Text(new StringMatcher.Suffix(matcher.getSuffixMatch(), false));
            case CONTAINS_MATCH ->
                new HeaderMatcher.Text(new StringMatcher.Contains(matcher.getContainsMatch(), false));
            case SAFE_REGEX_MATCH ->
                new HeaderMatcher.Text(StringMatcher.regex(
                        Values.regex(matcher.getSafeRegexMatch().getRegex(), path + ".safe_regex_match.regex")));
            case STRING_MATCH -> new HeaderMatcher.Text(string(matcher.getStringMatch(), path + ".string_match"));
            case RANGE_MATCH ->
                new HeaderMatcher.Range(
                        matcher.getRangeMatch().getStart(),
                        matcher.getRangeMatch().getEnd());
            case PRESENT_MATCH -> new HeaderMatcher.Present(matcher.getPresentMatch());
            // "If header_match_specifier is not set, a header match is performed on the presence of the header."
            case HEADERMATCHSPECIFIER_NOT_SET -> new HeaderMatcher.Present(true);
        };
    }

    static QueryParameterMatcher queryParameter(
            io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher matcher, String path) {
        return switch (matcher.getQueryParameterMatchSpecifierCase()) {
            case STRING_MATCH ->
                new QueryParameterMatcher(
                        matcher.getName(), string(matcher.getStringMatch(), path + ".string_match"), true);
            case PRESENT_MATCH -> new QueryParameterMatcher(matcher.getName(), null, matcher.getPresentMatch());
            case QUERYPARAMETERMATCHSPECIFIER_NOT_SET -> new QueryParameterMatcher(matcher.getName(), null, true);
        };
    }

    static io.inmesh.model.RouteMatch.FilterStateMatcher filterState(FilterStateMatcher matcher, String path) {
        if (!matcher.getAddressMatch().getUnknownFields().asMap().isEmpty()) {
            // Newer Envoys have invert_match: the ranges alone would say the contrary.
            throw new BadResourceException(path + ".address_match", "has a field that is not known here");
        }
        return new io.inmesh.model.RouteMatch.FilterStateMatcher(
                matcher.getKey(),
                switch (matcher.getMatcherCase()) {
                    case STRING_MATCH -> new ObjectTest.Text(string(matcher.getStringMatch(), path + ".string_match"));
                    case ADDRESS_MATCH ->
                        new ObjectTest.Address(Values.each(
                                matcher.getAddressMatch().getRangesList(),
                                path + ".address_match",
                                "ranges",
                                (range, at) -> range(
                                        range.getAddressPrefix(),
                                        range.getPrefixLen().getValue(),
                                        at)));
                    case MATCHER_NOT_SET ->
                        throw new BadResourceException(
                                path, "has a kind of matcher that this data plane cannot evaluate");
                });
    }

    static MetadataMatcher metadata(io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher matcher, String path) {
        List<String> keys = new ArrayList<>();
        matcher.getPathList().forEach(segment -> keys.add(segment.getKey()));
        return new MetadataMatcher(
                matcher.getFilter(),
                List.copyOf(keys),
                value(matcher.getValue(), path + ".value"),
                matcher.getInvert());
    }

    static ValueMatcher value(io.envoyproxy.envoy.type.matcher.v3.ValueMatcher matcher, String path) {
        return switch (matcher.getMatchPatternCase()) {
            case NULL_MATCH -> new ValueMatcher.Null();
            case BOOL_MATCH -> new ValueMatcher.Bool(matcher.getBoolMatch());
            case PRESENT_MATCH -> new ValueMatcher.Present(matcher.getPresentMatch());
            case STRING_MATCH -> new ValueMatcher.Text(string(matcher.getStringMatch(), path + ".string_match"));
            case LIST_MATCH ->
                new ValueMatcher.AnyElement(value(matcher.getListMatch().getOneOf(), path + ".list_match.one_of"));
            case OR_MATCH ->
                new ValueMatcher.AnyOf(Values.each(
                        matcher.getOrMatch().getValueMatchersList(),
                        path + ".or_match",
                        "value_matchers",
                        MatcherDecoder::value));
            case DOUBLE_MATCH ->
                matcher.getDoubleMatch().hasExact()
                        ? new ValueMatcher.Exactly(matcher.getDoubleMatch().getExact())
                        : new ValueMatcher.Range(
                                matcher.getDoubleMatch().getRange().getStart(),
                                matcher.getDoubleMatch().getRange().getEnd());
            case MATCHPATTERN_NOT_SET -> throw new BadResourceException(path, "has no condition");
        };
    }

    static RegexRewrite regexRewrite(io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute rewrite, String path) {
        Pattern pattern = Values.regex(rewrite.getPattern().getRegex(), path + ".pattern.regex");
        // Envoy takes any substitution; one that RE2 cannot carry out leaves the text as it is.
        boolean possible = isPossible(rewrite.getSubstitution(), pattern.groupCount());
        return new RegexRewrite(pattern, possible ? rewrite.getSubstitution() : WHOLE_MATCH);
    }

    /** RE2's {@code CheckRewriteString}: a backslash is followed by another one or by the number of a group that the pattern has. */
    private static boolean isPossible(String substitution, int groups) {
        int backslash = substitution.indexOf('\\');
        while (backslash >= 0) {
            char next = backslash + 1 < substitution.length() ? substitution.charAt(backslash + 1) : 0;
            if (next != '\\' && (next < '0' || next > '9' || next - '0' > groups)) {
                return false;
            }
            backslash = substitution.indexOf('\\', backslash + 2);
        }
        return true;
    }
}
